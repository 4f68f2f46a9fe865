// Opening a session: judged by the statement that does it, and what is then too many for the user
// ends with it.

import { sql, type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, type SqlBool } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { builtEachTime, type GivenValues } from "../database/prebuilt.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Tables } from "../database/tables.ts";
import { endedColumns, ending, revokeEnded } from "./ending.ts";
import { type FactorShown, hasStill } from "./factor-shown.ts";
import type { TellOfLogin } from "./opened-login.ts";
import { globalTokensBefore, grantColumns, grantOf, isHeldBy, isLive, newSessionColumns } from "./rows.ts";
import { multiFactor, type NewSession, type SessionGrant, type SessionLimits } from "./session.ts";

export type Opening =
  | { readonly outcome: "opened"; readonly grant: SessionGrant }
  | { readonly outcome: "refused" }
  /** The account is another than the claims were made of; what else is true of it, the next try finds. */
  | { readonly outcome: "outdated" };

/** The factor, if one was shown, and whether the session counts as one of several factors. */
interface Shown {
  readonly factor: FactorShown | undefined;
  readonly isMultiFactor: boolean;
}

/** The values of the statement that opens a session. */
interface GivenSession extends GivenValues {
  readonly sid: string;
  readonly userId: string;
  readonly kind: "token" | "cookie";
  readonly secretHash: string | null;
  readonly amr: string;
  readonly clientId: string;
  readonly device: string;
  readonly passwordVersion: number;
  /** Null: any. */
  readonly deviceEpoch: number | null;
  /** Null: any. */
  readonly accountVersion: number | null;
}

interface Opened extends GivenValues {
  readonly userId: string;
  readonly sid: string;
}

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

  const insertion =
    ({ factor, isMultiFactor }: Shown) =>
    (given: GivenSession) =>
      database.db
        .insertInto("sessions")
        .columns(newSessionColumns)
        .expression((on) =>
          on
            .selectFrom("users")
            .select([
              sql<string>`${given.sid}`.as("sid"),
              "users.id",
              sql<"token" | "cookie">`${given.kind}`.as("kind"),
              sql<string | null>`${given.secretHash}`.as("secret_hash"),
              sql<number>`0`.as("current"),
              sql<null>`cast(null as integer)`.as("previous"),
              now().as("renewed_at"),
              sql<number>`0`.as("tokens_before"),
              "users.roles",
              now().as("authenticated_at"),
              sql<null>`cast(null as integer)`.as("proved_at"),
              sql<string>`${given.amr}`.as("amr"),
              sql<string>`${given.clientId}`.as("client_id"),
              sql<string>`${given.device}`.as("device"),
            ])
            .where("users.id", "=", given.userId)
            .where("users.status", "=", "active")
            .where("users.password_version", "=", given.passwordVersion)
            .where("users.device_epoch", "=", orAny(given.deviceEpoch, "users.device_epoch"))
            .where("users.claims_version", "=", orAny(given.accountVersion, "users.claims_version"))
            .where(hasStill(factor))
            // Here as well, so that no way to log in can forget it. A row that is missing skips nothing.
            .$if(!isMultiFactor, (query) =>
              query.where("users.second_factor", "=", 0).where((at) => at.not(hasFactor(at))),
            )
            // A change to the account under way is waited for, and judged as it ends.
            .$if(dialect === "postgres", (query) => query.forNoKeyUpdate()),
        )
        .returning(grantColumns)
        .returning(globalTokensBefore)
        .returning("sessions.renewed_at as now");

  const insertWithoutFactor = database.prebuilt(insertion({ factor: undefined, isMultiFactor: false }));

  async function insert({ db }: Change, session: NewSession, sid: string): Promise<SessionGrant | undefined> {
    const { factor, carrier } = session;
    const isMultiFactor = session.amr.includes(multiFactor);
    const statement =
      factor === undefined && !isMultiFactor
        ? insertWithoutFactor
        : builtEachTime(insertion({ factor, isMultiFactor }));
    const [row] = await statement(db, {
      sid,
      userId: session.userId,
      kind: carrier.kind,
      secretHash: carrier.kind === "cookie" ? carrier.secretHash : null,
      amr: JSON.stringify(session.amr),
      clientId: session.clientId,
      device: JSON.stringify(session.device),
      passwordVersion: session.passwordVersion,
      deviceEpoch: session.deviceEpoch ?? null,
      accountVersion: session.accountVersion ?? null,
    });
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
  const displacement = database.prebuilt(({ userId, sid }: Opened) =>
    database.db
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
          .limit(sql.lit(limits.perUser - 1)),
      )
      .returning(endedColumns),
  );

  async function endDisplaced(change: Change, opened: Opened, origin: Origin): Promise<void> {
    const { userId, sid } = opened;
    for (const session of await displacement(change.db, opened)) {
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

/** What a column must be: the value, or where it is null whatever the column is. */
function orAny(value: number | null, column: string): RawBuilder<number> {
  return sql<number>`coalesce(cast(${value} as bigint), ${sql.ref(column)})`;
}
