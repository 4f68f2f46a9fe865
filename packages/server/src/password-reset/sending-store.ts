// A mail that leads to a new password, as an administrator wishes. Nobody sets another's password.
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { type Mailing, resetMailTo } from "../mail/store.ts";
import { type AskingAccount, type AskingRefusal, createChangeAskedBy } from "../sessions/asking.ts";
import type { SessionLimits } from "../sessions/session.ts";

/** Writes the mail down, in the change that judges who asks. It is none of the three an hour that anybody may ask for. */
export type SendReset = (
  userId: string,
  origin: Origin,
  by: AskingAccount | undefined,
) => Promise<{ readonly outcome: "sent" | "unknown" | "disabled" | AskingRefusal }>;

export function createSendReset(
  database: Database,
  limits: SessionLimits,
  mailing: Pick<Mailing, "requestIn">,
): SendReset {
  const changeAskedBy = createChangeAskedBy(database, limits);
  return (userId, origin, by) =>
    changeAskedBy(userId, by, async (change) => {
      const account = await change.db
        .selectFrom("users")
        .select(["email", "email_key", "locale", "status"])
        .where("id", "=", userId)
        .executeTakeFirst();
      if (account === undefined) return { outcome: "unknown" };
      if (account.status !== "active") return { outcome: "disabled" };
      await mailing.requestIn(change, resetMailTo(account));
      change.record({ event: "password_reset_sent", userId, ...origin });
      return { outcome: "sent" };
    });
}
