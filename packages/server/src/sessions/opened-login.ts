// What a login leaves behind beside its session: a row of the trail, and word to the owner where the device is new.
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import type { Notices } from "../mail/store.ts";
import type { Device } from "./device.ts";

/** A session that somebody has just logged in to. */
export interface OpenedLogin {
  readonly userId: string;
  readonly sid: string;
  readonly kind: "token" | "cookie";
  readonly amr: readonly string[];
  readonly device: Device;
  readonly isNewDevice?: boolean | undefined;
}

/** Part of the change that opens the session: both happen, or neither. */
export type TellOfLogin = (change: Change, login: OpenedLogin, origin: Origin) => Promise<void>;

/** Without `notices` only the trail is told. */
export function createTellOfLogin({ now }: Pick<Database, "now">, notices: Notices | undefined): TellOfLogin {
  /** Once, by whoever has just signed up: of however many at once, one is this login. */
  async function isExpected({ db }: Change, userId: string): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable("users")
      .set({ login_expected_until: null })
      .where("id", "=", userId)
      .where("login_expected_until", ">", now())
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  return async (change, { userId, sid, kind, amr, device, isNewDevice = false }, origin) => {
    change.record({ event: "session_opened", userId, sid, ...origin, detail: { kind, amr } });
    if (notices === undefined || !isNewDevice || (await isExpected(change, userId))) return;
    const { userAgent, address: networkAddress } = device;
    await notices.tell(change, { kind: "new_device", userId, sid, userAgent, networkAddress });
  };
}
