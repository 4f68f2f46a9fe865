// Raising a session: what a step-up gives out is pending until it is first presented, and then takes the place of all
// that was held before.

import { sql, type RawBuilder } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { greatest } from "../database/greatest.ts";
import { type AskingSession, createChangeAsked } from "./asking.ts";
import { ending } from "./ending.ts";
import { type FactorShown, hasStill } from "./factor-shown.ts";
import { globalTokensBefore, grantColumns, grantOf, isLive, isUserActive } from "./rows.ts";
import { clockToleranceMs, type SessionGrant, type SessionLimits } from "./session.ts";

/** What was shown for a session to rise, and by whom: judged again by the statement that counts it. */
export interface StepUp {
  readonly userId: string;
  readonly asking: AskingSession;
  /** Of what asks, in whole seconds: it says which of the session's levels that has. */
  readonly authTime: number;
  /** How they have shown who they are: at the login of what asks, and now. */
  readonly amr: readonly string[];
  /** Of the account whose password was right. */
  readonly passwordVersion?: number | undefined;
  readonly factor?: FactorShown | undefined;
  /** Of the account that the token's claims were made of. */
  readonly accountVersion?: number | undefined;
}

/** How the raised session will be held; as it was. */
export type RaisedCarrier =
  | { readonly kind: "token" }
  | { readonly kind: "cookie"; readonly secretHash: string };

export type Raised =
  /** `generation` is that of the new refresh token, and `grant` says what the session is once it is presented. */
  | { readonly outcome: "raised"; readonly generation: number; readonly grant: SessionGrant }
  | { readonly outcome: "logged_out" }
  /** What was shown counts no more, or the account was disabled. */
  | { readonly outcome: "refused" }
  /** The account is another than the claims were made of. */
  | { readonly outcome: "outdated" }
  /** The ones before came so fast that the times of their logins lie ahead. */
  | { readonly outcome: "too_soon" };

export type RaiseSession = (stepUp: StepUp, carrier: RaisedCarrier, origin?: Origin) => Promise<Raised>;

export interface Raising {
  readonly raise: RaiseSession;
  /**
   * The first presentation of a pending generation, which moves on with it. Undefined: it is pending no more, or not
   * what was expected.
   */
  presentToken(
    change: Change,
    presented: {
      readonly sid: string;
      readonly generation: number;
      readonly deadlineMs: number;
      readonly tokensBefore?: number | null | undefined;
    },
    origin: Origin,
  ): Promise<{ readonly generation: number; readonly grant: SessionGrant } | undefined>;
  /** The first presentation of a pending cookie; the one that was in use before is void from then on. */
  presentCookie(secretHash: string): Promise<SessionGrant | undefined>;
  /** A void cookie came back long after: two hold copies. Whether the session has ended by it. */
  endReusedCookie(secretHash: string): Promise<boolean>;
}

/**
 * So far ahead of the current generation lies a pending one: what was held before is renewed as ever meanwhile, and
 * once it has come so far, the pending one is given up.
 */
const stride = 1024;

/** A generation has 32 bits; long before, there is no room for another step-up. */
const lastCurrent = 2 ** 32 - 2 ** 20;

/** Undoes the transaction. Never leaves this file. */
class Undone extends Error {
  override readonly name = "Undone";
  readonly why: Raised;

  constructor(why: Raised) {
    super(why.outcome);
    this.why = why;
  }
}

export function createRaising(database: Database, limits: SessionLimits): Raising {
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);

  /** Until when the tokens of the row may be dated. */
  const latestDate = (): RawBuilder<number> =>
    greatest(
      database,
      sql`renewed_at`,
      sql`tokens_before * 1000`,
      sql`coalesce(pending_at, 0)`,
      sql`coalesce(dated_ahead_until, 0)`,
    );
  const isDatedAhead = (): RawBuilder<boolean> =>
    sql<boolean>`${latestDate()} > ${now()} + ${sql.lit(clockToleranceMs)}`;

  /**
   * What was pending is the session, and all access tokens of before are dead. Not those of the future, which nobody
   * takes, of a clock that was set back: the next ones would have to be dated after them.
   */
  const asPresented = () => ({
    amr: sql<string>`pending_amr`,
    proved_at: sql<number>`pending_at`,
    pending: null,
    pending_amr: null,
    pending_at: null,
    renewed_at: now(),
    tokens_before: sql<number>`
      case when ${isDatedAhead()} then tokens_before
      else ${greatest(database, sql`${now()} / 1000`, sql`${latestDate()} / 1000`)} + 1 end
    `,
    dated_ahead_until: sql<number | null>`
      case when ${isDatedAhead()} then ${latestDate()} else dated_ahead_until end
    `,
  });

  function tellPresented(
    change: Change,
    { sid, userId, amr, askedAt }: SessionGrant,
    tokensBefore: number,
    origin: Origin,
  ): void {
    change.record({ event: "session_raised", userId, sid, ...origin, detail: { amr } });
    if (tokensBefore > askedAt)
      change.revoke({ sid, tokensBefore, expiresAt: tokensBefore + database.revocationSeconds });
  }

  /** Who asks holds what an earlier step-up gave, and so presents it: should this answer be lost, that one goes on. */
  async function presentByAsking(
    change: Change,
    { asking, authTime }: StepUp,
    origin: Origin,
  ): Promise<void> {
    const row = await change.db
      .updateTable("sessions")
      .set({ ...asPresented(), current: sql<number>`pending`, previous: null })
      .where("sid", "=", asking.sid)
      .where("kind", "=", "token")
      .whereRef("pending", ">", "current")
      .where(sql`pending_at / 1000`, "=", authTime)
      .returning(grantColumns)
      .returning(globalTokensBefore)
      .returning("renewed_at as now")
      .executeTakeFirst();
    if (row !== undefined) tellPresented(change, grantOf(row, limits), row.tokens_before, origin);
  }

  /** The second of the session's latest proof, so that no two of its levels have the same time. */
  const latestProof = (): RawBuilder<number> =>
    sql<number>`${greatest(database, sql`coalesce(proved_at, authenticated_at)`, sql`coalesce(pending_at, 0)`)} / 1000`;
  const isTooSoon = (): RawBuilder<boolean> =>
    sql<boolean>`${latestProof()} > (${now()} + ${sql.lit(clockToleranceMs)}) / 1000`;

  async function keepPending(
    { db }: Change,
    { userId, asking, amr, passwordVersion, factor, accountVersion }: StepUp,
    carrier: RaisedCarrier,
  ): Promise<Raised | undefined> {
    const row = await db
      .updateTable("sessions")
      .set({
        pending:
          carrier.kind === "token"
            ? sql<number>`${greatest(database, sql`current`, sql`coalesce(pending, 0)`)} + ${sql.lit(stride)}`
            : null,
        pending_secret_hash: carrier.kind === "cookie" ? carrier.secretHash : null,
        pending_amr: JSON.stringify(amr),
        pending_at: greatest(database, now(), sql`(${latestProof()} + 1) * 1000`),
      })
      .where("sid", "=", asking.sid)
      .where("user_id", "=", userId)
      .where("kind", "=", carrier.kind)
      .where("current", "<", lastCurrent)
      .where(sql<boolean>`not (${isTooSoon()})`)
      .where((on) => isLive(database, limits, on))
      .where((on) =>
        on.exists(
          on
            .selectFrom("users")
            .select("users.id")
            .whereRef("users.id", "=", "sessions.user_id")
            .where("users.status", "=", "active")
            .where(hasStill(factor))
            .$if(passwordVersion !== undefined, (query) =>
              query.where("users.password_version", "=", passwordVersion ?? -1),
            )
            .$if(accountVersion !== undefined, (query) =>
              query.where("users.claims_version", "=", accountVersion ?? -1),
            ),
        ),
      )
      .returning([...grantColumns, "pending", "pending_amr", "pending_at"])
      .returning(globalTokensBefore)
      .returning(now().as("now"))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const raised = { ...row, amr: row.pending_amr ?? "[]", proved_at: row.pending_at };
    return { outcome: "raised", generation: row.pending ?? 0, grant: grantOf(raised, limits) };
  }

  async function refusalOf({ db }: Change, { asking, userId, accountVersion }: StepUp): Promise<Raised> {
    const row = await db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .select([
        "users.claims_version",
        sql<number>`case when ${isTooSoon()} then 1 else 0 end`.as("too_soon"),
      ])
      .where("sid", "=", asking.sid)
      .where("users.id", "=", userId)
      .executeTakeFirst();
    if (row?.too_soon === 1) return { outcome: "too_soon" };
    const isOutdated = accountVersion !== undefined && row?.claims_version !== accountVersion;
    return { outcome: isOutdated ? "outdated" : "refused" };
  }

  return {
    async raise(stepUp, carrier, origin = {}) {
      const { userId, asking, amr } = stepUp;
      try {
        return await changeAsked<Raised>(userId, asking, async (change) => {
          if (carrier.kind === "token") await presentByAsking(change, stepUp, origin);
          const raised = await keepPending(change, stepUp, carrier);
          if (raised === undefined) throw new Undone(await refusalOf(change, stepUp));
          const detail = { kind: carrier.kind, amr };
          change.record({ event: "session_stepped_up", userId, sid: asking.sid, ...origin, detail });
          return raised;
        });
      } catch (error) {
        if (error instanceof Undone) return error.why;
        throw error;
      }
    },

    async presentToken(change, { sid, generation, deadlineMs, tokensBefore }, origin) {
      const row = await change.db
        .updateTable("sessions")
        .set({ ...asPresented(), current: generation + 1, previous: generation })
        .where("sid", "=", sid)
        .where("kind", "=", "token")
        .where("pending", "=", generation)
        .where("current", "<", generation)
        .where((on) => isLive(database, limits, on))
        .where(isUserActive)
        .where(now(), "<=", deadlineMs)
        .$if(tokensBefore !== undefined, (query) => query.where("tokens_before", "=", tokensBefore ?? -1))
        .returning([...grantColumns, "current"])
        .returning(globalTokensBefore)
        .returning("renewed_at as now")
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const grant = grantOf(row, limits);
      tellPresented(change, grant, row.tokens_before, origin);
      return { generation: row.current, grant };
    },

    async presentCookie(secretHash) {
      return database.change(async (change) => {
        const row = await change.db
          .updateTable("sessions")
          .set({
            secret_hash: secretHash,
            // Void: without a level that waits for it. Since when, its time says.
            pending_secret_hash: sql<string>`secret_hash`,
            amr: sql<string>`pending_amr`,
            proved_at: sql<number>`pending_at`,
            pending_amr: null,
            pending_at: now(),
            renewed_at: now(),
          })
          .where("pending_secret_hash", "=", secretHash)
          .where("pending_amr", "is not", null)
          .where((on) => isLive(database, limits, on))
          .where(isUserActive)
          .returning(grantColumns)
          .returning(globalTokensBefore)
          .returning("renewed_at as now")
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const grant = grantOf(row, limits);
        const { userId, sid, amr } = grant;
        change.record({ event: "session_raised", userId, sid, detail: { amr } });
        return grant;
      });
    },

    async endReusedCookie(secretHash) {
      return database.change(async (change) => {
        const row = await change.db
          .updateTable("sessions")
          .set(ending(database, "reuse"))
          .where("pending_secret_hash", "=", secretHash)
          .where("pending_amr", "is", null)
          // Requests that were under way with it when its successor came are no thieves.
          .where("pending_at", "<", sql<number>`${now()} - ${sql.lit(limits.graceSeconds * 1000)}`)
          .where("ended_at", "is", null)
          .returning(["user_id", "sid"])
          .executeTakeFirst();
        if (row === undefined) return false;
        const { user_id: userId, sid } = row;
        change.record({ event: "session_ended", userId, sid, detail: { reason: "reuse" } });
        return true;
      });
    },
  };
}
