// Opening a session: judged by the statement that does it, and what is then too many for the user
// ends with it.

import { sql, type ExpressionBuilder, type ExpressionWrapper, type SqlBool } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Tables } from "../database/tables.ts";
import { endedColumns, ending, revokeEnded } from "./ending.ts";
import { hasStill } from "./factor-shown.ts";
import type { TellOfLogin } from "./opened-login.ts";
import { globalTokensBefore, grantColumns, grantOf, isHeldBy, isLive, newSessionColumns } from "./rows.ts";
import { multiFactor, type NewSession, type SessionGrant, type SessionLimits } from "./session.ts";

export type Opening =
  | { readonly outcome: "opened"; readonly grant: SessionGrant }
  | { readonly outcome: "refused" }
  /** The account is another than the claims were made of; what else is true of it, the next try finds. */
  | { readonly outcome: "outdated" };

export type OpenSession = (session: NewSession, origin?: Origin) => Promise<Opening>;

/**
 * Opens a session for an active user whose password is still the one that was checked, and whose
 * device still the one that was known. The statement that judges this holds the user's row until the commit, so logins of one user take
 * turns, with each other and with changes to the account: however many come at once, no more than
 * `limits.perUser` live sessions are left.
 */
export function createOpening(
  database: Database,
  limits: SessionLimits,
  tellOfLogin: TellOfLogin,
  randomBytes: RandomBytes = systemRandomBytes,
): OpenSession {
  const { now, dialect } = database;

  async function insert({ db }: Change, session: NewSession, sid: string): Promise<SessionGrant | undefined> {
    const secretHash = session.carrier.kind === "cookie" ? session.carrier.secretHash : null;
    const row = await db
      .insertInto("sessions")
      .columns(newSessionColumns)
      .expression((on) =>
        on
          .selectFrom("users")
          .select([
            sql<string>`${sid}`.as("sid"),
            "users.id",
            sql<"token" | "cookie">`${session.carrier.kind}`.as("kind"),
            sql<string | null>`${secretHash}`.as("secret_hash"),
            sql<number>`0`.as("current"),
            sql<null>`cast(null as integer)`.as("previous"),
            now().as("renewed_at"),
            sql<number>`0`.as("tokens_before"),
            "users.roles",
            now().as("authenticated_at"),
            sql<null>`cast(null as integer)`.as("proved_at"),
            sql<string>`${JSON.stringify(session.amr)}`.as("amr"),
            sql<string>`${session.clientId}`.as("client_id"),
            sql<string>`${JSON.stringify(session.device)}`.as("device"),
          ])
          .where("users.id", "=", session.userId)
          .where("users.status", "=", "active")
          .where("users.password_version", "=", session.passwordVersion)
          .$if(session.deviceEpoch !== undefined, (query) =>
            query.where("users.device_epoch", "=", session.deviceEpoch ?? 0),
          )
          .$if(session.accountVersion !== undefined, (query) =>
            query.where("users.claims_version", "=", session.accountVersion ?? -1),
          )
          .where(hasStill(session.factor))
          // Here as well, so that no way to log in can forget it. A row that is missing skips nothing.
          .$if(!session.amr.includes(multiFactor), (query) =>
            query.where("users.second_factor", "=", 0).where((at) => at.not(hasFactor(at))),
          )
          // A change to the account under way is waited for, and judged as it ends.
          .$if(dialect === "postgres", (query) => query.forNoKeyUpdate()),
      )
      .returning(grantColumns)
      .returning(globalTokensBefore)
      .returning("sessions.renewed_at as now")
      .executeTakeFirst();
    return row && grantOf(row, limits);
  }

  async function isOutdated({ db }: Change, { userId, accountVersion }: NewSession): Promise<boolean> {
    if (accountVersion === undefined) return false;
    const row = await db
      .selectFrom("users")
      .select("claims_version")
      .where("id", "=", userId)
      .executeTakeFirst();
    return row !== undefined && row.claims_version !== accountVersion;
  }

  async function endReplaced(change: Change, secretHash: string, origin: Origin): Promise<void> {
    const replaced = await change.db
      .updateTable("sessions")
      .set(ending(database, "logout"))
      .where((on) => isHeldBy(on, secretHash))
      .where("ended_at", "is", null)
      .returning(["user_id", "sid"])
      .executeTakeFirst();
    if (replaced === undefined) return;
    const { user_id: userId, sid } = replaced;
    change.record({ event: "session_ended", userId, sid, ...origin, detail: { reason: "logout" } });
  }

  /**
   * Ends what goes beyond the limit: the sessions of the user that have gone unused the longest,
   * never the new one.
   */
  async function endDisplaced(
    change: Change,
    opened: { readonly userId: string; readonly sid: string },
    origin: Origin,
  ): Promise<void> {
    const { userId, sid } = opened;
    const displaced = await change.db
      .updateTable("sessions")
      .set(ending(database, "displaced"))
      .where("user_id", "=", userId)
      .where("sid", "!=", sid)
      .where((on) => isLive(database, limits, on))
      .where("sid", "not in", (on) =>
        on
          .selectFrom("sessions")
          .select("sid")
          .where("user_id", "=", userId)
          .where("sid", "!=", sid)
          .where((at) => isLive(database, limits, at))
          .orderBy("renewed_at", "desc")
          .orderBy("authenticated_at", "desc")
          .orderBy("sid")
          .limit(limits.perUser - 1),
      )
      .returning(endedColumns)
      .execute();
    for (const session of displaced) {
      revokeEnded(database, change, session);
      const detail = { reason: "displaced", by: sid };
      change.record({ event: "session_ended", userId, sid: session.sid, ...origin, detail });
    }
  }

  return function open(session, origin = {}) {
    const { userId, carrier } = session;
    const sid = newId(randomBytes);
    return database.change(async (change) => {
      const grant = await insert(change, session, sid);
      if (grant === undefined)
        return { outcome: (await isOutdated(change, session)) ? "outdated" : "refused" };
      await tellOfLogin(change, { ...session, sid, kind: carrier.kind }, origin);
      if (carrier.kind === "cookie" && carrier.replacesSecretHash !== undefined)
        await endReplaced(change, carrier.replacesSecretHash, origin);
      await endDisplaced(change, { userId, sid }, origin);
      return { outcome: "opened", grant };
    });
  };
}

/** A factor that counts, whatever the account's own row says. */
function hasFactor(on: ExpressionBuilder<Tables, "users">): ExpressionWrapper<Tables, "users", SqlBool> {
  return on.or([
    on.exists(
      on
        .selectFrom("totp")
        .select("totp.user_id")
        .whereRef("totp.user_id", "=", "users.id")
        .where("totp.confirmed_at", "is not", null),
    ),
    on.exists(on.selectFrom("passkeys").select("passkeys.id").whereRef("passkeys.user_id", "=", "users.id")),
  ]);
}
