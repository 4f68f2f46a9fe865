// Known devices: whoever brings a token that an earlier login gave is counted by themselves, whoever
// else guesses at the account (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
import { newId, type RandomBytes } from "../randomness.ts";
import { accountInToken, type DeviceToken, type DeviceTokens } from "./device-token.ts";
import type { DeviceStore } from "./store.ts";

/** A device from which the account was logged in to before. */
export interface KnownDevice {
  readonly id: string;
  /** Since then nothing has ended what is known of the account's devices. */
  readonly epoch: number;
}

export interface Devices {
  /**
   * The device that one of these tokens names, if it is known to the account of this normalised
   * address. What is forged, cut off, too old, of another account or from before the account's
   * devices were forgotten is no known device, and nobody is told why.
   *
   * @throws StoreError
   */
  recognise(tokens: readonly string[], addressKey: string): Promise<KnownDevice | undefined>;
  /** A token for whoever has just shown that they have the account; a device that is known stays the same one. */
  issue(account: { readonly userId: string; readonly deviceEpoch: number }, device?: KnownDevice): string;
  /** Of these tokens, `newest` first and one of each account, what a browser keeps. */
  together(newest: string, tokens: readonly string[]): readonly string[];
  /** The tokens that are of other accounts. */
  without(tokens: readonly string[], userId: string): readonly string[];
}

export interface DevicesOptions {
  readonly store: DeviceStore;
  readonly tokens: DeviceTokens;
  /** Milliseconds since the epoch. */
  readonly nowMs?: (() => number) | undefined;
  readonly randomBytes?: RandomBytes | undefined;
}

const lifetimeMs = 180 * 86_400_000;

/** How many accounts one browser is known to. */
export const maxAccountsOfBrowser = 5;

export function createDevices(options: DevicesOptions): Devices {
  const { store, tokens: deviceTokens, nowMs = Date.now, randomBytes } = options;

  function read(text: string): DeviceToken | undefined {
    const token = deviceTokens.read(text);
    return token !== undefined && nowMs() - token.issuedAtMs < lifetimeMs ? token : undefined;
  }

  return {
    async recognise(texts, addressKey) {
      const tokens = texts.flatMap((text) => read(text) ?? []);
      // Nobody but who has a token of ours makes the database be asked.
      if (tokens.length === 0) return undefined;
      const found = await store.find(addressKey);
      if (found === undefined) return undefined;
      const account = accountInToken(found.userId);
      const own = tokens.find((token) => token.account === account && token.epoch === found.deviceEpoch);
      return own && { id: own.device, epoch: own.epoch };
    },

    issue: ({ userId, deviceEpoch }, device) =>
      deviceTokens.issue({
        account: accountInToken(userId),
        device: device?.id ?? newId(randomBytes),
        epoch: deviceEpoch,
        issuedAtMs: nowMs(),
      }),

    together(newest, texts) {
      const seen = new Set<string>();
      const kept = [newest, ...texts].filter((text) => {
        const account = read(text)?.account;
        if (account === undefined || seen.has(account)) return false;
        seen.add(account);
        return true;
      });
      return kept.slice(0, maxAccountsOfBrowser);
    },

    without(texts, userId) {
      const account = accountInToken(userId);
      return texts.filter((text) => ![undefined, account].includes(read(text)?.account));
    },
  };
}
