// A login that its account's owner does not know: its session ends with the link that says so.
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import { type Mailing, resetMailTo } from "../mail/store.ts";
import { consumeCode, type FoundCode } from "../one-time-codes/store.ts";
import { createChangeAsked } from "../sessions/asking.ts";
import { endOne, endSessionsOf } from "../sessions/ending.ts";
import type { SessionLimits } from "../sessions/session.ts";

export interface DisownedStore {
  /**
   * Ends the session of the login that the code is about, once, and forgets every device of the account, as this login
   * has made one known. A mail leads to a new password.
   *
   * Where that session is over, and this process does not keep it, another may have taken its place, as by a new
   * password: then every session of the account ends, and whatever was proved with the password before opens nothing.
   */
  disown(
    code: FoundCode & { readonly userId: string },
    isKeptHere: boolean,
    origin: Origin,
  ): Promise<{ readonly outcome: "ended" | "all_ended" | "over" }>;
}

export interface DisownedStoreOptions {
  readonly limits: SessionLimits;
  readonly mailing: Pick<Mailing, "requestIn">;
  /** Whether a code was made for this address. */
  readonly isFor: (code: FoundCode, addressKey: string) => boolean;
}

export function createDisownedStore(
  database: Database,
  { limits, mailing, isFor }: DisownedStoreOptions,
): DisownedStore {
  const changeAsked = createChangeAsked(database, limits);

  return {
    async disown(code, isKeptHere, origin) {
      const { userId, subject: sid } = code;
      const { outcome } = await changeAsked<{ readonly outcome: "ended" | "all_ended" | "over" }>(
        userId,
        undefined,
        async (change) => {
          if (!(await consumeCode(database, change, code))) return { outcome: "over" };
          const isThis = { sid: sid ?? "", userId };
          const one = isKeptHere ? "ended" : await endOne(database, change, isThis, "disowned", origin);
          const hasEnded = one === "ended";
          const others = hasEnded ? 0 : await endSessionsOf(database, change, userId, "disowned", null);
          const account = await change.db
            .updateTable("users")
            .set({
              ...forgetsDevices,
              ...(hasEnded ? {} : { password_version: sql<number>`password_version + 1` }),
            })
            .where("id", "=", userId)
            .returning(["email", "email_key", "locale", "status"])
            .executeTakeFirstOrThrow();
          const detail = { endedSessions: hasEnded ? 1 : others };
          change.record({ event: "login_disowned", userId, sid, ...origin, detail });
          // To nobody else: another address may be that of whoever logged in.
          if (account.status === "active" && isFor(code, account.email_key))
            await mailing.requestIn(change, resetMailTo(account));
          return { outcome: hasEnded ? "ended" : "all_ended" };
        },
      );
      return { outcome: outcome === "logged_out" ? "over" : outcome };
    },
  };
}
