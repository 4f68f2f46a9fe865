// The renewal: what a presented refresh token is worth, decided by the three integers of its
// session.

import { sql, type ExpressionWrapper, type RawBuilder, type SqlBool } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { StoreError } from "../database/errors.ts";
import { endedColumns, ending, revokeEnded } from "./ending.ts";
import { flag, globalTokensBefore, grantColumns, grantOf, isLive, type OnSession } from "./rows.ts";
import { clockToleranceMs, type SessionGrant, type SessionLimits } from "./session.ts";
import type { Tables } from "../database/tables.ts";

/** A refresh token whose MAC has been checked: this session, this generation. */
export interface Presented {
  readonly sid: string;
  readonly generation: number;
}

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

/** What is known before a renewal, for what must be made of it first. */
export interface Prepared {
  /** Undefined where the session lives no more, or the token is not one of its two latest: nothing is to be made. */
  readonly session:
    | { readonly userId: string; readonly clientId: string; readonly amr: readonly string[] }
    | undefined;
  /** From when on the renewal is too late; counted from when it was first prepared. */
  readonly deadlineMs: number;
  readonly tokensBefore: number;
}

/**
 * Where something was made before: nothing is renewed unless the session's tokens are dated as they were then. Null: it
 * was not made.
 */
export interface Expected {
  readonly deadlineMs: number;
  readonly tokensBefore: number | null;
}

export type RenewSession = (presented: Presented, origin?: Origin, expected?: Expected) => Promise<Renewal>;

/** `deadlineMs` is that of an earlier try. */
export type PrepareRenewal = (presented: Presented, deadlineMs?: number) => Promise<Prepared>;

/** Decided by then, on the database's clock, or not at all. */
interface Timely extends Presented {
  readonly deadlineMs: number;
  readonly tokensBefore?: number | null | undefined;
}

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
): { readonly renew: RenewSession; readonly prepare: PrepareRenewal } {
  const { now, stallGuard } = database;

  /**
   * Exchanges the generation if it is the current one, or the previous one after the grace; one
   * conditional statement.
   */
  const rotation = (which: "current" | "late", { isExpected }: { readonly isExpected: boolean }) =>
    database.prebuilt((given: Given) =>
      database.db
        .updateTable("sessions")
        .set({
          previous: given.generation,
          current: sql<number>`current + 1`,
          renewed_at: now(),
          tokens_before: afterStepBack(),
          dated_ahead_until: datedAhead(),
        })
        .where("sid", "=", given.sid)
        .where("kind", "=", "token")
        .where((on) =>
          which === "current"
            ? on("current", "=", given.generation)
            : on.and([on("previous", "=", given.generation), on.not(withinGrace(on))]),
        )
        .where((on) => isLive(database, limits, on))
        .where(isUserActive)
        .where(now(), "<=", given.deadlineMs)
        // A role or field that went into the claims and changed since has dated the tokens of this very row anew.
        .$if(isExpected, (query) => query.where("tokens_before", "=", given.tokensBefore))
        .returning([...grantColumns, "current"])
        .returning(globalTokensBefore)
        .returning("renewed_at as now"),
    );

  const rotations = {
    current: {
      plain: rotation("current", { isExpected: false }),
      expected: rotation("current", { isExpected: true }),
    },
    late: {
      plain: rotation("late", { isExpected: false }),
      expected: rotation("late", { isExpected: true }),
    },
  };

  async function rotate(
    db: Database["db"],
    { sid, generation, deadlineMs, tokensBefore }: Timely,
    which: "current" | "late",
  ): Promise<{ readonly generation: number; readonly grant: SessionGrant } | undefined> {
    const statement = rotations[which][tokensBefore === undefined ? "plain" : "expected"];
    // No session's tokens are dated -1: where nothing was made before, nothing is renewed.
    const row = await statement(db, { sid, generation, deadlineMs, tokensBefore: tokensBefore ?? -1 });
    if (row === undefined) return undefined;
    stallGuard.observe(row.now);
    return { generation: row.current, grant: grantOf(row, limits) };
  }

  /**
   * One look at the row, and the decision that follows; undefined when the row changed in between.
   */
  async function decide(presented: Timely, origin: Origin): Promise<Renewal | undefined> {
    const { sid, generation, deadlineMs, tokensBefore } = presented;
    const row = await database.db
      .selectFrom("sessions")
      .select([...grantColumns, "current", "previous", "ended_at"])
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
    if (generation > row.current) {
      const detail = { presented: generation, current: row.current };
      const event = { event: "renewal_from_future", userId: row.user_id, sid, ...origin, detail } as const;
      await database.record(event, deadlineMs);
      return { outcome: "from_future", userId: row.user_id };
    }
    const isOurs = generation === row.current || generation === row.previous;
    if (isOurs && tokensBefore !== undefined && tokensBefore !== row.tokens_before)
      return { outcome: "outdated" };
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

  return {
    async renew(presented, origin = {}, expected) {
      const deadlineMs = expected?.deadlineMs ?? stallGuard.deadline();
      const timely = { ...presented, deadlineMs, tokensBefore: expected?.tokensBefore };
      const rotated = await rotate(database.db, timely, "current");
      if (rotated !== undefined) return { outcome: "renewed", late: false, ...rotated };
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const renewal = await decide(timely, origin);
        if (renewal !== undefined) return renewal;
      }
      throw new StoreError("unavailable", "The session is being changed by too many requests at once.");
    },

    async prepare({ sid, generation }, deadlineMs = stallGuard.deadline()) {
      const row = await database.db
        .selectFrom("sessions")
        .select(["user_id", "client_id", "amr", "tokens_before"])
        .where("sid", "=", sid)
        .where("kind", "=", "token")
        .where((on) => on.or([on("current", "=", generation), on("previous", "=", generation)]))
        .where((on) => isLive(database, limits, on))
        .executeTakeFirst();
      const session = row && {
        userId: row.user_id,
        clientId: row.client_id,
        amr: JSON.parse(row.amr) as string[],
      };
      return { session, deadlineMs, tokensBefore: row?.tokens_before ?? 0 };
    },
  };
}

function isUserActive(on: OnSession): ExpressionWrapper<Tables, "sessions", SqlBool> {
  return on.exists(
    on
      .selectFrom("users")
      .select("users.id")
      .whereRef("users.id", "=", "sessions.user_id")
      .where("users.status", "=", "active"),
  );
}
