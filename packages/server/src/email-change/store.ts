// Another address for an account: asked for by its owner, confirmed at the new one, and told to the old one, which can
// have it back for a week.
import { sql } from "kysely";
import { type AccountProof, stillHolds } from "../accounts/account-proof.ts";
import { parseEmailAddress } from "../accounts/email-address.ts";
import type { OtherCredentials } from "../accounts/other-credentials.ts";
import { isReserved } from "../accounts/reservations.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { isUniqueViolation } from "../database/unique.ts";
import { forgetsDevices } from "../devices/store.ts";
import { knownLocale } from "../mail/locale.ts";
import { type Mailing, resetMailTo } from "../mail/store.ts";
import { consumeCode, type FoundCode, killCodes } from "../one-time-codes/store.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { type AskingSession, createChangeAsked } from "../sessions/asking.ts";
import { endSessionsOf } from "../sessions/ending.ts";
import type { SessionLimits } from "../sessions/session.ts";

type RightCode = FoundCode & { readonly userId: string };

export interface AskedChange {
  readonly userId: string;
  readonly asking: AskingSession;
  /** Of the account, when it was proved that its owner asks. */
  readonly passwordVersion: number;
  readonly address: string;
  readonly addressKey: string;
}

export interface EmailChangeStore {
  /** Has the new address asked to confirm, whether or not it can be had: the mail says the rest. */
  request(change: AskedChange): Promise<{ readonly outcome: "requested" | "outdated" | "logged_out" }>;
  /**
   * The account has the new address, which is proved by that. Its earlier one is told, and, if it was proved, kept for
   * its owner. Every other code that was mailed for the account is dead.
   */
  confirm(
    code: RightCode,
    proof: AccountProof,
    origin: Origin,
  ): Promise<{ readonly outcome: "changed" | "over" | "email_taken" | "logged_out" }>;
  /**
   * The account has its earlier address again, and neither password nor sessions; what was added since to prove who one
   * is goes, and so do later changes of the address, and what could undo them. Older factors stay, and are asked for.
   */
  undo(code: RightCode, origin: Origin): Promise<{ readonly outcome: "undone" | "over" }>;
  /** Forgets what cannot be undone any more. Returns how many. */
  prune(): Promise<number>;
}

export interface EmailChangeStoreOptions {
  readonly limits: SessionLimits;
  readonly mailing: Pick<Mailing, "requestIn" | "tell">;
  readonly otherCredentials: Pick<OtherCredentials, "removeAddedSince">;
  readonly randomBytes?: RandomBytes | undefined;
}

const undoMs = 7 * 86_400_000;

/** Undoes the transaction. Never leaves this file. */
class Taken extends Error {
  override readonly name = "Taken";
}

export function createEmailChangeStore(
  database: Database,
  { limits, mailing, otherCredentials, randomBytes = systemRandomBytes }: EmailChangeStoreOptions,
): EmailChangeStore {
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);

  return {
    async request({ userId, asking, passwordVersion, address, addressKey }) {
      return changeAsked(userId, asking, async (change) => {
        const account = await change.db
          .selectFrom("users")
          .select("locale")
          .where("id", "=", userId)
          .where("status", "=", "active")
          .where("password_version", "=", passwordVersion)
          .executeTakeFirst();
        if (account === undefined) return { outcome: "outdated" };
        const locale = knownLocale(account.locale);
        await mailing.requestIn(change, { purpose: "confirm_address", address, addressKey, locale, userId });
        return { outcome: "requested" };
      });
    },

    async confirm(code, proof, origin) {
      const { userId, subject, passwordVersion } = code;
      const email = parseEmailAddress(subject ?? "");
      if (email === undefined || passwordVersion === null) return { outcome: "over" };
      const asking = proof.by === "session" ? proof.asking : undefined;
      try {
        return await changeAsked(userId, asking, async (change) => {
          if (!(await consumeCode(database, change, code))) return { outcome: "over" };
          const before = await change.db
            .selectFrom("users")
            .select(["email", "email_key", "email_verified_at"])
            .where("id", "=", userId)
            .executeTakeFirst();
          const row = await change.db
            .updateTable("users")
            .set({
              email: email.address,
              email_key: email.key,
              email_verified_at: now(),
              updated_at: now(),
            })
            .where("id", "=", userId)
            .where("status", "=", "active")
            .where("password_version", "=", passwordVersion)
            .where(stillHolds(proof))
            .returning("updated_at")
            .executeTakeFirst();
          if (before === undefined || row === undefined) return { outcome: "over" };
          if (await isReserved(database, change, email.key, userId)) throw new Taken();
          const changeId = before.email_verified_at === null ? null : newId(randomBytes);
          if (changeId !== null)
            await change.db
              .insertInto("address_changes")
              .values({
                id: changeId,
                user_id: userId,
                email: before.email,
                email_key: before.email_key,
                changed_at: row.updated_at,
                undo_until: row.updated_at + undoMs,
              })
              .execute();
          await killCodes(change, userId, ["verify_address", "reset_password", "confirm_address"]);
          const detail = { undoable: changeId !== null };
          change.record({ event: "email_changed", userId, ...origin, detail });
          const { email: address, email_key: addressKey } = before;
          await mailing.tell(change, { kind: "address_changed", userId, address, addressKey, changeId });
          return { outcome: "changed" };
        });
      } catch (error) {
        if (error instanceof Taken || isUniqueViolation(error)) return { outcome: "email_taken" };
        throw error;
      }
    },

    async undo(code, origin) {
      const { userId, subject } = code;
      return changeAsked<{ outcome: "undone" | "over" }>(userId, undefined, async (change) => {
        if (!(await consumeCode(database, change, code))) return { outcome: "over" };
        const earlier = await change.db
          .selectFrom("address_changes")
          .select(["email", "email_key", "changed_at"])
          .where("id", "=", subject ?? "")
          .where("user_id", "=", userId)
          .where("undo_until", ">", now())
          .executeTakeFirst();
        if (earlier === undefined) return { outcome: "over" };
        const account = await change.db
          .updateTable("users")
          .set({
            email: earlier.email,
            email_key: earlier.email_key,
            email_verified_at: now(),
            password_hash: "",
            password_version: sql<number>`password_version + 1`,
            updated_at: now(),
            ...forgetsDevices,
          })
          .where("id", "=", userId)
          .returning("locale")
          .executeTakeFirstOrThrow();
        const undone = await change.db
          .deleteFrom("address_changes")
          .where("user_id", "=", userId)
          .where("changed_at", ">=", earlier.changed_at)
          .returning("id")
          .execute();
        await killCodes(
          change,
          userId,
          ["undo_address"],
          undone.map(({ id }) => id),
        );
        await killCodes(change, userId, ["verify_address", "reset_password", "confirm_address"]);
        await otherCredentials.removeAddedSince(change, userId, earlier.changed_at);
        const endedSessions = await endSessionsOf(database, change, userId, "address_undone", null);
        change.record({ event: "email_change_undone", userId, ...origin, detail: { endedSessions } });
        await mailing.tell(change, { kind: "address_restored", userId });
        const { email, email_key } = earlier;
        await mailing.requestIn(change, resetMailTo({ email, email_key, locale: account.locale }));
        return { outcome: "undone" };
      }).then((result) => (result.outcome === "undone" ? result : { outcome: "over" }));
    },

    async prune() {
      const { numDeletedRows } = await database.db
        .deleteFrom("address_changes")
        .where("undo_until", "<=", now())
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
