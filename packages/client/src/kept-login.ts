// What a client keeps between pages: its login and its device tokens, in the storage, or in memory
// where that fails.
import { type ClientStorage, memoryStorage } from "./storage.ts";

/** Three words with a space between them, which is how they are stored. */
export interface KeptLogin {
  readonly refreshToken: string;
  /** Whose it is. */
  readonly account: string;
  /** Where the account's device token is kept, or `-`. */
  readonly device: string;
}

export interface Keeping {
  readonly read: () => Promise<KeptLogin | undefined>;
  readonly write: (login: KeptLogin, replaced?: KeptLogin) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
  readonly readDevice: (device: string) => Promise<string | undefined>;
  readonly writeDevice: (device: string, token?: string) => Promise<void>;
}

/** What is of no such form is as good as nothing: no rubbish is ever sent to the server. */
const form = /^([!-~]{1,2048}) ([!-~]{1,255}) ([\w+/=-]{1,64})$/;
const isDeviceToken = /^[!-~]{1,2048}$/;

/**
 * A storage may throw, or keep nothing. The client then goes on in memory, and `onFailure` hears
 * why, once.
 */
export function createKeeping(storage: ClientStorage, onFailure: (cause: unknown) => void): Keeping {
  let place = storage;

  function giveUp(cause: unknown): void {
    if (place !== storage) return;
    place = memoryStorage();
    onFailure(cause);
  }

  async function attempt<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (cause) {
      giveUp(cause);
      return undefined;
    }
  }

  const read = async (key: string): Promise<string> => (await attempt(() => place.read(key))) ?? "";
  const remove = (key: string): Promise<void> => attempt(() => place.remove(key));

  return {
    async read() {
      const [, refreshToken, account, device] = form.exec(await read("login")) ?? [];
      return refreshToken && account && device ? { refreshToken, account, device } : undefined;
    },
    async write(login, replaced) {
      const value = textOf(login);
      let cause: unknown;
      try {
        await place.write("login", value);
      } catch (error) {
        cause = error;
      }
      const found = await read("login");
      if (found === value) return;
      // The replaced token may be presented again, so where it is still there nothing is lost.
      if (replaced !== undefined && found === textOf(replaced)) return;
      // Nor may a login that is over outlast this one.
      await remove("login");
      giveUp(cause ?? new TypeError("The storage keeps nothing."));
      await place.write("login", value);
    },
    remove,
    async readDevice(device) {
      const token = await read(`device.${device}`);
      return isDeviceToken.test(token) ? token : undefined;
    },
    async writeDevice(device, token = "") {
      // Without one the next login is that of an unknown device, which is no reason to fail this
      // one.
      if (device === "-" || !isDeviceToken.test(token)) return;
      try {
        await place.write(`device.${device}`, token);
      } catch {
        // As said.
      }
    },
  };
}

function textOf({ refreshToken, account, device }: KeptLogin): string {
  return `${refreshToken} ${account} ${device}`;
}

/**
 * The name under which an address's device token is kept: its SHA-256, so that the storage tells no
 * addresses. `-` where the page came by plain HTTP, and browsers have no SHA-256.
 */
export async function deviceOf(email: string): Promise<string> {
  const { subtle } = crypto as { subtle?: typeof crypto.subtle };
  if (subtle === undefined) return "-";
  const canonical = new TextEncoder().encode(email.trim().normalize("NFKC").toLowerCase());
  const digest = new Uint8Array(await subtle.digest("SHA-256", canonical));
  return btoa(String.fromCharCode(...digest));
}
