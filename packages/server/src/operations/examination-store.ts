// What the database itself says of how it is set up.
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { countWaitingEvents } from "../database/outbox.ts";
import { lastEventAndNow } from "../database/steady-clock.ts";

export interface PostgresFacts {
  readonly version: string;
  /** The bounds of a connection of our own are said when it starts, and behind a pooler in each transaction. */
  readonly has_pooler: boolean;
  readonly max_connections: number;
  readonly connections: number;
  /** Those of `fsync`, `full_page_writes` and `synchronous_commit` that are off: what was answered may be lost. */
  readonly off: readonly string[];
  /** Whether the place in the write-ahead log may be asked for, which tells one timeline from another. */
  readonly may_read_wal: boolean;
  readonly prepared_transactions: number;
  readonly oldest_transaction_seconds: number;
}

export interface DatabaseFacts {
  /** The database's clock, less that of the process that asks. */
  readonly clock_offset_ms: number;
  /** How far the last event of the trail lies in the future. */
  readonly trail_ahead_ms: number;
  /** Events that have no number yet. */
  readonly waiting_events: number;
  /** Null on SQLite. */
  readonly postgres: PostgresFacts | null;
}

export async function readDatabaseFacts(database: Database, nowMs: () => number): Promise<DatabaseFacts> {
  const { db, dialect } = database;
  const beforeMs = nowMs();
  const row = await lastEventAndNow(database);
  // Of the time that the question took, half lies before the answer.
  const ourMs = (beforeMs + nowMs()) / 2;
  return {
    clock_offset_ms: Math.round(row.now - ourMs),
    trail_ahead_ms: Math.max(0, (row.at ?? 0) - row.now),
    waiting_events: await countWaitingEvents(db, dialect),
    postgres: dialect === "postgres" ? await readPostgresFacts(database) : null,
  };
}

async function readPostgresFacts({ db }: Pick<Database, "db">): Promise<PostgresFacts> {
  const { rows } = await sql<Omit<PostgresFacts, "off" | "may_read_wal"> & { off: string | null }>`select
    current_setting('server_version') as version,
    (select source <> 'client' from pg_settings where name = 'statement_timeout') as has_pooler,
    current_setting('max_connections')::integer as max_connections,
    (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as connections,
    (select string_agg(name, ',' order by name) from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off') as off,
    (select count(*)::integer from pg_prepared_xacts) as prepared_transactions,
    coalesce((select extract(epoch from max(clock_timestamp() - xact_start))::integer
      from pg_stat_activity where datname = current_database()), 0) as oldest_transaction_seconds`.execute(
    db,
  );
  const [facts] = rows;
  if (facts === undefined) throw new TypeError("PostgreSQL says nothing of itself");
  const { off, ...others } = facts;
  return { ...others, off: off === null ? [] : off.split(","), may_read_wal: await mayReadWal(db) };
}

/** By asking, as providers forbid it in several ways. */
async function mayReadWal(db: Database["db"]): Promise<boolean> {
  try {
    await sql`select pg_walfile_name(pg_current_wal_lsn())`.execute(db);
    return true;
  } catch {
    return false;
  }
}
