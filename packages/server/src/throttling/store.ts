// Buckets that all instances share: rows of PostgreSQL, each counted by one conditional statement.

import { sql, type RawBuilder } from "kysely";
import type { Database } from "../database/database.ts";
import { type Page, pageRows, removeByPages } from "../database/paging.ts";
import {
  type Buckets,
  depthMs,
  type Limit,
  maxStoredBuckets,
  noteClosedEveryMs,
  rowIdleMs,
  sharedLimitOf,
  type Taken,
} from "./buckets.ts";
import { sharedKeyOf } from "./keys.ts";

export interface StoredBucketsOptions {
  readonly onError: (error: unknown) => void;
  readonly maxBuckets?: number | undefined;
  /** Milliseconds of a clock of this process that never goes back: how old its places are. */
  readonly nowMs?: (() => number) | undefined;
}

interface CountedRow {
  readonly in_a_row: number;
  readonly is_new: boolean;
}

interface RefusingRow {
  readonly empty_at: number;
  readonly in_a_row: number;
  readonly at: number;
  readonly is_first: boolean;
}

const pruneEveryMs = 60_000;
const countEveryMs = 10_000;

const table = sql.table("throttles");

export function createStoredBuckets(
  database: Pick<Database, "db" | "now">,
  options: StoredBucketsOptions,
): Buckets {
  const { db, now } = database;
  const { onError, maxBuckets = maxStoredBuckets, nowMs = () => performance.now() } = options;
  const stopped = new AbortController();
  let upkeep: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  /** As this instance knows it: what the others add is counted in once a minute. */
  let rows = 0;
  let countedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Named in a statement, this lets it commit without waiting for the disk: a server that dies forgets
   * the guesses of its last moments, and nobody's login waits for the disk twice.
   */
  const quick = (): RawBuilder<unknown> =>
    sql`quick as materialized (select set_config('synchronous_commit', 'off', true) as setting, ${now()} as at)`;

  async function count(): Promise<void> {
    countedAtMs = nowMs();
    const { total } = await db
      .selectFrom("throttles")
      .select((on) => on.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    rows = total;
  }

  async function isFull(): Promise<boolean> {
    if (rows >= maxBuckets && nowMs() >= countedAtMs + countEveryMs) await count();
    return rows >= maxBuckets;
  }

  /** Undefined: no place. `mayAdd` is whether the key may have a row that is not there yet. */
  async function countIn(key: string, limit: Limit, mayAdd: boolean): Promise<CountedRow | undefined> {
    const interval = sql`${limit.intervalMs}::bigint`;
    const maxInARow = limit.inARow ?? Number.MAX_SAFE_INTEGER;
    const { rows: counted } = await sql<CountedRow>`
      with ${quick()}
      insert into ${table} as bucket (key, empty_at, in_a_row, told)
      select ${key}::text, at + ${interval}, ${limit.inARow === undefined ? 0 : 1}::bigint, 0
      from quick
      where setting = 'off' and (${mayAdd}::boolean or exists (select from ${table} where key = ${key}::text))
      on conflict (key) do update set
        empty_at = greatest(bucket.empty_at + ${interval}, excluded.empty_at),
        in_a_row = bucket.in_a_row + excluded.in_a_row,
        told = case when bucket.empty_at + ${interval} <= excluded.empty_at then 0 else bucket.told end
      where bucket.empty_at + ${interval} <= excluded.empty_at + ${depthMs(limit) - limit.intervalMs}::bigint
        and bucket.in_a_row < ${maxInARow}::bigint
      returning in_a_row, (xmax = 0) as is_new
    `.execute(db);
    return counted[0];
  }

  /** Undefined: there is no such bucket. */
  async function refusing(key: string, { inARow }: Limit): Promise<RefusingRow | undefined> {
    const isClosed = sql`in_a_row >= ${inARow ?? Number.MAX_SAFE_INTEGER}::bigint`;
    const { rows: found } = await sql<RefusingRow>`
      with ${quick()}, marked as (
        update ${table} set told = 1, empty_at = case when ${isClosed} then greatest(empty_at, at) else empty_at end
        from quick where key = ${key}::text and told = 0 and setting = 'off' returning 1
      ), noted as (
        update ${table} set empty_at = at from quick
        where key = ${key}::text and told = 1 and setting = 'off' and ${isClosed}
          and empty_at <= at - ${noteClosedEveryMs}::bigint
      )
      select empty_at, in_a_row, at, exists (select from marked) as is_first
      from ${table}, quick where key = ${key}::text
    `.execute(db);
    return found[0];
  }

  async function take(key: string, limit: Limit, mustShare = false): Promise<Taken> {
    // Before the statement: a place is rather thought too old than too young.
    const takenAtMs = nowMs();
    const counted = await countIn(key, limit, mustShare || !(await isFull()));
    if (counted !== undefined) {
      if (counted.is_new) rows += 1;
      return { outcome: "taken", place: { key, limit, takenAtMs, inARow: counted.in_a_row } };
    }
    const row = await refusing(key, limit);
    if (row === undefined) return take(sharedKeyOf(key), sharedLimitOf(limit), true);
    const waitMs = Math.max(row.empty_at + limit.intervalMs - row.at - depthMs(limit), 1);
    const isClosed = limit.inARow !== undefined && row.in_a_row >= limit.inARow;
    return { outcome: "refused", waitMs: isClosed ? undefined : waitMs, isFirst: row.is_first };
  }

  async function prunePage(after: string): Promise<Page<string>> {
    const { rows: pages } = await sql<{ end: string | null; removed: number }>`
      with ${quick()}, page as (
        select key from ${table} where key > ${after}::text order by key limit ${sql.lit(pageRows)}
      ), gone as (
        delete from ${table} where key in (
          select key from ${table} as bucket, quick
          where setting = 'off' and key in (select key from page)
            and empty_at + case when in_a_row > 0 then ${rowIdleMs}::bigint else 0 end <= at
          for update of bucket skip locked
        ) returning 1
      )
      select max(key) as end, (select count(*) from gone) as removed from page
    `.execute(db);
    const [{ end, removed } = { end: null, removed: 0 }] = pages;
    return { removed, end: end ?? undefined };
  }

  const prune = (signal?: AbortSignal): Promise<number> => removeByPages("", prunePage, signal);

  async function keepUp(): Promise<void> {
    try {
      await prune(stopped.signal);
      await count();
    } catch (error) {
      onError(error);
    }
  }

  return {
    take: (key, limit) => take(key, limit),

    async giveBack({ key, limit, takenAtMs }, guess) {
      const isYoung = nowMs() < takenAtMs + limit.intervalMs;
      const inARow = guess === "right" ? sql`0` : sql`greatest(in_a_row - 1, 0)`;
      await sql`
        with ${quick()}
        update ${table}
        set empty_at = empty_at - ${isYoung ? limit.intervalMs : 0}::bigint, in_a_row = ${inARow}
        from quick where key = ${key}::text and setting = 'off'
      `.execute(db);
    },

    async forget(key) {
      const gone = await db
        .deleteFrom("throttles")
        .where("key", "=", key)
        .returning("in_a_row")
        .executeTakeFirst();
      return gone?.in_a_row;
    },

    prune,

    start() {
      upkeep = keepUp();
      timer = setInterval(() => {
        upkeep = upkeep.then(keepUp);
      }, pruneEveryMs).unref();
    },

    async stop() {
      clearInterval(timer);
      stopped.abort();
      await upkeep;
    },
  };
}
