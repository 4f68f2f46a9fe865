// Whose an address is: shown with what was mailed to it, once, and what an account loses that nothing else was shown for.
import { sql } from "kysely";
import { type AccountProof, stillHolds } from "../accounts/account-proof.ts";
import type { OtherCredentials } from "../accounts/other-credentials.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import { type Mailing, resetMailTo } from "../mail/store.ts";
import { consumeCode, type FoundCode, killCodes } from "../one-time-codes/store.ts";
import { createChangeAsked } from "../sessions/asking.ts";
import { endSessionsOf } from "../sessions/ending.ts";
import type { SessionLimits } from "../sessions/session.ts";

/** What was shown beside the code for the account to be theirs, too. */
export type ShownProof = AccountProof | { readonly by: "none" };

export type Verified =
  | { readonly outcome: "verified"; readonly passwordVoided: boolean }
  /** Used, too old, or of an account that is not what it was. */
  | { readonly outcome: "over" }
  | { readonly outcome: "logged_out" };

export interface EmailVerificationStore {
  /**
   * Counts the address as proved. Without a proof of the account, whoever made it may be somebody else: then it has no
   * password, session, factor or passkey any more, and a mail leads its reader to a password of their own.
   */
  verify(code: FoundCode & { readonly userId: string }, proof: ShownProof, origin: Origin): Promise<Verified>;
}

export interface EmailVerificationStoreOptions {
  readonly limits: SessionLimits;
  readonly mailing: Pick<Mailing, "requestIn">;
  readonly otherCredentials: Pick<OtherCredentials, "removeAll">;
  /** Whether a code was made for this address. */
  readonly isFor: (code: FoundCode, addressKey: string) => boolean;
}

export function createEmailVerificationStore(
  database: Database,
  { limits, mailing, otherCredentials, isFor }: EmailVerificationStoreOptions,
): EmailVerificationStore {
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);

  async function voidAccount(
    change: Change,
    userId: string,
    to: { readonly email: string; readonly email_key: string; readonly locale: string },
    origin: Origin,
  ): Promise<void> {
    await otherCredentials.removeAll(change, userId);
    await killCodes(change, userId, ["reset_password", "confirm_address"]);
    const endedSessions = await endSessionsOf(database, change, userId, "unproved", null);
    change.record({ event: "password_voided", userId, ...origin, detail: { endedSessions } });
    await mailing.requestIn(change, resetMailTo(to));
  }

  return {
    async verify(code, proof, origin) {
      const { userId } = code;
      const asking = proof.by === "session" ? proof.asking : undefined;
      return changeAsked<Verified>(userId, asking, async (change) => {
        if (!(await consumeCode(database, change, code))) return { outcome: "over" };
        const before = await change.db
          .selectFrom("users")
          .select(["email", "email_key", "locale"])
          .where("id", "=", userId)
          .executeTakeFirst();
        if (before === undefined || !isFor(code, before.email_key)) return { outcome: "over" };
        const { numUpdatedRows } = await change.db
          .updateTable("users")
          .set({
            email_verified_at: now(),
            updated_at: now(),
            ...(proof.by === "none"
              ? { password_hash: "", password_version: sql<number>`password_version + 1`, ...forgetsDevices }
              : {}),
          })
          .where("id", "=", userId)
          .where("status", "=", "active")
          // Nothing of an address that was proved already is voided by an older mail.
          .where("email_verified_at", "is", null)
          .where(stillHolds(proof))
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) return { outcome: "over" };
        await killCodes(change, userId, ["verify_address"]);
        change.record({ event: "email_verified", userId, ...origin, detail: { by: proof.by } });
        if (proof.by === "none") await voidAccount(change, userId, before, origin);
        return { outcome: "verified", passwordVoided: proof.by === "none" };
      });
    },
  };
}
