// How many accounts and live sessions there are, at a price that does not grow with them.
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { flag, isLive } from "../sessions/rows.ts";
import type { SessionLimits } from "../sessions/session.ts";

export interface Amount {
  readonly count: number;
  /** False: an estimate. */
  readonly is_exact: boolean;
}

export interface StatisticsStore {
  accounts(): Promise<Amount>;
  /** Those that are not over. */
  sessions(): Promise<Amount>;
}

export interface CountingBounds {
  /** So many rows are counted; beyond that PostgreSQL's own estimate serves. */
  readonly mostCounted: number;
  /** Ids of sessions are random, so that the first so many are a sample of all. */
  readonly sampleSize: number;
}

const defaultBounds: CountingBounds = { mostCounted: 100_000, sampleSize: 5000 };

export function createStatisticsStore(
  database: Database,
  limits: SessionLimits,
  { mostCounted, sampleSize }: CountingBounds = defaultBounds,
): StatisticsStore {
  const { db, dialect } = database;

  async function rowsOf(table: "users" | "sessions"): Promise<Amount> {
    // SQLite counts the entries of an index, a million in some milliseconds.
    const counted =
      dialect === "sqlite"
        ? await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db)
        : await sql<{ count: number }>`select count(*) as count
            from (select 1 from ${sql.table(table)} limit ${sql.lit(mostCounted + 1)}) as counted`.execute(
            db,
          );
    const count = counted.rows[0]?.count ?? 0;
    if (dialect === "sqlite" || count <= mostCounted) return { count, is_exact: true };
    const { rows } = await sql<{ count: number }>`select reltuples::bigint as count from pg_class
      where oid = (select tableoid from ${sql.table(table)} limit 1)`.execute(db);
    return { count: Math.max(count, rows[0]?.count ?? 0), is_exact: false };
  }

  return {
    accounts: () => rowsOf("users"),

    async sessions() {
      const all = await rowsOf("sessions");
      const sampled = await db
        .selectFrom("sessions")
        .select((on) => [
          on.fn.countAll<number>().as("count"),
          sql<number>`coalesce(sum(${flag(isLive(database, limits, on))}), 0)`.as("live"),
        ])
        .where("sid", "in", (on) => on.selectFrom("sessions").select("sid").orderBy("sid").limit(sampleSize))
        .executeTakeFirstOrThrow();
      const { count, live } = sampled;
      if (count < sampleSize) return { count: live, is_exact: true };
      return { count: Math.round((all.count * live) / count), is_exact: false };
    },
  };
}
