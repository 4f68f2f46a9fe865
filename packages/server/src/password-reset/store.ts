// A new password by mail: the code is consumed by the transaction that sets it, and whatever else must not outlive it.
import { sql } from "kysely";
import type { OtherCredentials } from "../accounts/other-credentials.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import type { Notices } from "../mail/store.ts";
import { consumeCode, type FoundCode, killCodes } from "../one-time-codes/store.ts";
import { endSessionsOf, holdUser } from "../sessions/ending.ts";

export interface NewPassword {
  /** That was right, and is not consumed yet. */
  readonly code: FoundCode & { readonly userId: string };
  readonly newHash: string;
}

export interface PasswordResetStore {
  /**
   * Sets a password, once for each code, and only while the account is as it was when the mail was made: active, at
   * that address, with that password. Every session ends, no device is known any more, and all other codes for a new
   * password are dead.
   *
   * Who has the mail has shown that the address is theirs. If nobody had before, then whoever made the account may be
   * somebody else, and nothing of theirs opens it any more.
   */
  reset(
    reset: NewPassword,
    origin: Origin,
  ): Promise<{ readonly outcome: "reset"; readonly deviceEpoch: number } | { readonly outcome: "over" }>;
}

export interface PasswordResetStoreOptions {
  readonly notices: Notices;
  readonly otherCredentials: Pick<OtherCredentials, "removeAll">;
  /** Whether a code was made for this address. */
  readonly isFor: (code: FoundCode, addressKey: string) => boolean;
}

export function createPasswordResetStore(
  database: Database,
  { notices, otherCredentials, isFor }: PasswordResetStoreOptions,
): PasswordResetStore {
  const { now } = database;

  return {
    async reset({ code, newHash }, origin) {
      const { userId, passwordVersion } = code;
      return database.change(async (change) => {
        await holdUser(database, change.db, userId);
        if (passwordVersion === null || !(await consumeCode(database, change, code)))
          return { outcome: "over" };
        const before = await change.db
          .selectFrom("users")
          .select(["email_key", "email_verified_at"])
          .where("id", "=", userId)
          .executeTakeFirst();
        // What is consumed for nothing here was dead already.
        if (before === undefined || !isFor(code, before.email_key)) return { outcome: "over" };
        const row = await change.db
          .updateTable("users")
          .set({
            password_hash: newHash,
            password_version: sql<number>`password_version + 1`,
            email_verified_at: sql<number>`coalesce(email_verified_at, ${now()})`,
            updated_at: now(),
            // Whoever sets it is given a known device: a login from another one is not theirs.
            login_expected_until: null,
            ...forgetsDevices,
          })
          .where("id", "=", userId)
          .where("status", "=", "active")
          .where("password_version", "=", passwordVersion)
          .returning("device_epoch")
          .executeTakeFirst();
        if (row === undefined) return { outcome: "over" };
        const wasProved = before.email_verified_at !== null;
        if (!wasProved) await otherCredentials.removeAll(change, userId);
        await killCodes(change, userId, ["reset_password", "verify_address", "confirm_address"]);
        const endedSessions = await endSessionsOf(database, change, userId, "password_reset", null);
        const detail = { endedSessions, proved: !wasProved };
        change.record({ event: "password_reset", userId, ...origin, detail });
        await notices.tell(change, { kind: "password_changed", userId });
        return { outcome: "reset", deviceEpoch: row.device_epoch };
      });
    },
  };
}
