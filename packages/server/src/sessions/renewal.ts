// The renewal: what a presented refresh token is worth, decided by the three integers of its
// session.

import { sql, type ExpressionWrapper, type RawBuilder, type SqlBool } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { StoreError } from "../database/errors.ts";
import { endedColumns, ending, revokeEnded } from "./ending.ts";
import type { Raising } from "./raising.ts";
import { type Expected, isOfStepUp, levelOf, type Presented } from "./renewal-preparation.ts";
import {
  flag,
  globalTokensBefore,
  grantColumns,
  grantOf,
  isLive,
  isUserActive,
  type OnSession,
} from "./rows.ts";
import { clockToleranceMs, type SessionGrant, type SessionLimits } from "./session.ts";
import type { Tables } from "../database/tables.ts";

export type Renewal =
  /**
   * A new generation. `late`: the token had been exchanged before, its successor never came back,
   * and is dead now.
   */
  | {
      readonly outcome: "renewed";
      readonly late: boolean;
      readonly generation: number;
      readonly grant: SessionGrant;
    }
  /**
   * The successor that another request got moments ago, once more. Nothing changed, so the trail
   * says nothing.
   */
  | { readonly outcome: "repeated"; readonly generation: number; readonly grant: SessionGrant }
  /** An older generation came back: two hold copies. The session has ended. */
  | { readonly outcome: "reused"; readonly userId: string }
  /**
   * A generation that this database never gave out: it was restored from a backup. Nothing ended.
   */
  | { readonly outcome: "from_future"; readonly userId: string }
  | { readonly outcome: "ended" | "expired" | "inactive" | "unknown" }
  /** Not as was expected, and so nothing was changed: what was made before is to be made again. */
  | { readonly outcome: "outdated" };

export type RenewSession = (presented: Presented, origin?: Origin, expected?: Expected) => Promise<Renewal>;

/** Decided by then, on the database's clock, or not at all. */
interface Timely extends Presented {
  readonly deadlineMs: number;
  readonly tokensBefore?: number | null | undefined;
  readonly amr?: string | null | undefined;
}

/** What a presented generation is to its session. */
type Rotated = "current" | "late" | "superseded";

/** The values of the statement that exchanges a generation. */
interface Given extends Readonly<Record<string, string | number>> {
  readonly sid: string;
  readonly generation: number;
  readonly deadlineMs: number;
  readonly tokensBefore: number;
}

/** How often a renewal looks again when others changed the row between its statements. */
const attempts = 8;

/**
 * Decides one presentation. On the usual path that is a single statement, whose affected row is the
 * decision and the record (the trail gets no row); everything else is read first and then decided
 * by a conditional statement of its own, in one transaction with its audit event and feed entry.
 * All times are the database's.
 *
 * A presentation that is decided too late is refused as `unavailable`: its client has tried again
 * elsewhere, and what it presented may be the previous token by now, whose late return would cost
 * the owner the current one.
 */
export function createRenewal(
  database: Database,
  limits: SessionLimits,
  raising: Pick<Raising, "presentToken">,
): RenewSession {
  const { now, stallGuard } = database;

  /**
   * Exchanges the generation if it is the current one, or the previous one after the grace, or one that a step-up gave
   * out before a later one did; one conditional statement.
   */
  const rotation = (which: Rotated, { isExpected }: { readonly isExpected: boolean }) =>
    database.prebuilt((given: Given) =>
      database.db
        .updateTable("sessions")
        .set({
          previous: given.generation,
          current:
            which === "superseded"
              ? sql<number>`cast(${given.generation} as bigint) + 1`
              : sql<number>`current + 1`,
          renewed_at: now(),
          tokens_before: afterStepBack(),
          dated_ahead_until: datedAhead(),
        })
        .where("sid", "=", given.sid)
        .where("kind", "=", "token")
        .where((on) => {
          if (which === "current") return on("current", "=", given.generation);
          return which === "late"
            ? on.and([on("previous", "=", given.generation), on.not(withinGrace(on))])
            : on.and([on("current", "<", given.generation), on("pending", ">", given.generation)]);
        })
        .where((on) => isLive(database, limits, on))
        .where(isUserActive)
        .where(now(), "<=", given.deadlineMs)
        // A role or field that went into the claims and changed since has dated the tokens of this very row anew.
        .$if(isExpected, (query) => query.where("tokens_before", "=", given.tokensBefore))
        .returning([...grantColumns, "current"])
        .returning(globalTokensBefore)
        .returning("renewed_at as now"),
    );

  const rotationsOf = (which: Rotated) => ({
    plain: rotation(which, { isExpected: false }),
    expected: rotation(which, { isExpected: true }),
  });
  const rotations = {
    current: rotationsOf("current"),
    late: rotationsOf("late"),
    superseded: rotationsOf("superseded"),
  };

  async function rotate(
    db: Database["db"],
    { sid, generation, deadlineMs, tokensBefore }: Timely,
    which: Rotated,
  ): Promise<{ readonly generation: number; readonly grant: SessionGrant } | undefined> {
    const statement = rotations[which][tokensBefore === undefined ? "plain" : "expected"];
    // No session's tokens are dated -1: where nothing was made before, nothing is renewed.
    const [row] = await statement(db, { sid, generation, deadlineMs, tokensBefore: tokensBefore ?? -1 });
    if (row === undefined) return undefined;
    stallGuard.observe(row.now);
    return { generation: row.current, grant: grantOf(row, limits) };
  }

  /**
   * One look at the row, and the decision that follows; undefined when the row changed in between.
   */
  async function decide(presented: Timely, origin: Origin): Promise<Renewal | undefined> {
    const { sid, generation, deadlineMs, tokensBefore, amr } = presented;
    const row = await database.db
      .selectFrom("sessions")
      .select([...grantColumns, "current", "previous", "pending", "pending_amr", "ended_at"])
      .select(globalTokensBefore)
      .select((on) => [
        flag(isLive(database, limits, on)).as("live"),
        flag(withinGrace(on)).as("within_grace"),
        flag(isUserActive(on)).as("user_active"),
        now().as("now"),
      ])
      .where("sid", "=", sid)
      .where("kind", "=", "token")
      .executeTakeFirst();

    if (row === undefined) return { outcome: "unknown" };
    stallGuard.check(deadlineMs, row.now);
    if (row.ended_at !== null) return { outcome: "ended" };
    if (row.live === 0) return { outcome: "expired" };
    if (row.user_active === 0) return { outcome: "inactive" };
    const isPending = isOfStepUp(row, generation);
    if (generation > row.current && !isPending) {
      const detail = { presented: generation, current: row.current };
      const event = { event: "renewal_from_future", userId: row.user_id, sid, ...origin, detail } as const;
      await database.record(event, deadlineMs);
      return { outcome: "from_future", userId: row.user_id };
    }
    const isOurs = isPending || generation === row.current || generation === row.previous;
    const isExpected =
      (tokensBefore === undefined || tokensBefore === row.tokens_before) &&
      (amr === undefined || amr === levelOf(row, generation));
    if (isOurs && !isExpected) return { outcome: "outdated" };
    if (isPending && generation === row.pending) return presentRaised(presented, origin);
    if (isPending) {
      // Its holder has shown a factor here, so they go on, at the level of before.
      const rotated = await rotate(database.db, presented, "superseded");
      return rotated && { outcome: "renewed", late: false, ...rotated };
    }
    if (generation === row.current) {
      const rotated = await rotate(database.db, presented, "current");
      return rotated && { outcome: "renewed", late: false, ...rotated };
    }
    if (generation === row.previous && row.within_grace === 1) {
      // Dated as the first answer was: no token of a session is newer than its row says.
      const first = grantOf({ ...row, now: Math.min(row.now, row.renewed_at) }, limits);
      const grant = { ...first, askedAt: Math.floor(row.now / 1000) };
      return { outcome: "repeated", generation: row.current, grant };
    }
    if (generation === row.previous) return renewLate(presented, origin);
    return endReused(presented, origin);
  }

  function presentRaised(presented: Timely, origin: Origin): Promise<Renewal | undefined> {
    return database.change(async (change) => {
      const given = await raising.presentToken(change, presented, origin);
      return given && { outcome: "renewed", late: false, ...given };
    }, presented.deadlineMs);
  }

  function renewLate(presented: Timely, origin: Origin): Promise<Renewal | undefined> {
    return database.change(async ({ db, record }) => {
      const rotated = await rotate(db, presented, "late");
      if (rotated === undefined) return undefined;
      const { userId, sid } = rotated.grant;
      record({
        event: "renewal_late",
        userId,
        sid,
        ...origin,
        detail: { presented: presented.generation, given: rotated.generation },
      });
      return { outcome: "renewed", late: true, ...rotated };
    }, presented.deadlineMs);
  }

  function endReused(presented: Timely, origin: Origin): Promise<Renewal | undefined> {
    const { sid, generation, deadlineMs } = presented;
    return database.change(async (change) => {
      const session = await change.db
        .updateTable("sessions")
        .set(ending(database, "reuse"))
        .where("sid", "=", sid)
        .where("ended_at", "is", null)
        .where("current", ">", generation)
        .where((on) => on.or([on("previous", "is", null), on("previous", "!=", generation)]))
        .returning([...endedColumns, "user_id", "current"])
        .executeTakeFirst();
      if (session === undefined) return undefined;
      revokeEnded(database, change, session);
      change.record({
        event: "renewal_reused",
        userId: session.user_id,
        sid,
        ...origin,
        detail: { presented: generation, current: session.current },
      });
      return { outcome: "reused", userId: session.user_id };
    }, deadlineMs);
  }

  /**
   * Where the clock was set back a little since the last renewal, the next token has the date of the
   * last one at least, so that whatever outdates the new one outdates both.
   */
  function afterStepBack(): RawBuilder<number> {
    return sql<number>`
      case when renewed_at > ${now()} and renewed_at <= ${now()} + ${sql.lit(clockToleranceMs)} and renewed_at / 1000 > tokens_before
      then renewed_at / 1000 else tokens_before end
    `;
  }

  /**
   * Where it was set back further, the last token is refused everywhere for being of the future,
   * until it is that late again: so its date is kept for whatever outdates tokens.
   */
  function datedAhead(): RawBuilder<number | null> {
    return sql<number | null>`
      case when renewed_at <= ${now()} + ${sql.lit(clockToleranceMs)} or dated_ahead_until >= renewed_at
      then dated_ahead_until else renewed_at end
    `;
  }

  function withinGrace(on: OnSession): ExpressionWrapper<Tables, "sessions", SqlBool> {
    return on("renewed_at", ">=", sql<number>`${now()} - ${sql.lit(limits.graceSeconds * 1000)}`);
  }

  return async function renew(presented, origin = {}, expected) {
    const deadlineMs = expected?.deadlineMs ?? stallGuard.deadline();
    const timely = { ...presented, ...expected, deadlineMs };
    const rotated = await rotate(database.db, timely, "current");
    if (rotated !== undefined) return { outcome: "renewed", late: false, ...rotated };
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const renewal = await decide(timely, origin);
      if (renewal !== undefined) return renewal;
    }
    throw new StoreError("unavailable", "The session is being changed by too many requests at once.");
  };
}
