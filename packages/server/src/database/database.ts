// The handle that all verbs share: the connection, its clock, and the one way to change something.

import { sql, type Kysely, type RawBuilder } from "kysely";
import type { AuditEvent } from "../audit/trail.ts";
import { StoreError } from "./errors.ts";
import type { Freshness } from "./stall-guard.ts";
import { writeJournal } from "./sequencer.ts";
import type { Dialect } from "./migrate.ts";
import type { RevocationEntry } from "../revocations/store.ts";
import type { Tables } from "./tables.ts";

/** Everything that one transaction does, with the audit events and revocations that belong to it. */
export interface Change {
  readonly db: Kysely<Tables>;
  /** Written to the trail when the transaction ends, or not at all. */
  readonly record: (event: AuditEvent) => void;
  /** Appended to the feed when the transaction ends, or not at all. */
  readonly revoke: (entry: RevocationEntry) => void;
}

export interface Database {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  readonly freshness: Freshness;
  /** How long revocations of access tokens are kept: as long as any such token can live. */
  readonly revocationSeconds: number;
  /** The database's own clock as an SQL expression: integer milliseconds, moving within a transaction. */
  readonly now: () => RawBuilder<number>;
  /**
   * Runs `work` as one transaction and closes it with its events and revocations.
   * `work` may run more than once (PostgreSQL may ask to try again) and must use only the handle it is given.
   * Past the deadline (by default one from now) nothing is written.
   */
  readonly change: <T>(work: (change: Change) => Promise<T>, deadlineMs?: number) => Promise<T>;
  /** A transaction that only writes an audit event. */
  readonly record: (event: AuditEvent, deadlineMs?: number) => Promise<void>;
}

export interface DatabaseOptions {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  readonly freshness: Freshness;
  readonly revocationSeconds: number;
  readonly nowMs: (() => number) | undefined;
  /** Told after the commit, before the verb that caused it returns. */
  readonly onRevocations: (entries: readonly RevocationEntry[]) => void;
}

const attempts = 5;

export function createDatabase(options: DatabaseOptions): Database {
  const { db, dialect, freshness, revocationSeconds } = options;
  const clock =
    dialect === "sqlite"
      ? sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`
      : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

  function now(): RawBuilder<number> {
    if (options.nowMs === undefined) return clock;
    const nowMs = options.nowMs();
    return dialect === "sqlite" ? sql`cast(${nowMs} as integer)` : sql`${nowMs}::bigint`;
  }

  async function changeOnce<T>(work: (change: Change) => Promise<T>, deadlineMs: number): Promise<T> {
    const events: AuditEvent[] = [];
    const entries: RevocationEntry[] = [];
    const [result, appended] = await db.transaction().execute(async (trx) => {
      const outcome = await work({
        db: trx,
        record: (event) => void events.push(event),
        revoke: (entry) => void entries.push(entry),
      });
      return [outcome, await writeJournal(database, trx, { events, entries, deadlineMs })] as const;
    });
    if (appended.length > 0) options.onRevocations(appended);
    return result;
  }

  async function change<T>(
    work: (change: Change) => Promise<T>,
    deadlineMs = freshness.deadline(),
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await changeOnce(work, deadlineMs);
      } catch (error) {
        if (attempt === attempts || !isRolledBack(error)) throw error;
      }
    }
  }

  async function record(event: AuditEvent, deadlineMs = freshness.deadline()): Promise<void> {
    const journal = { events: [event], entries: [], deadlineMs };
    await db.transaction().execute((trx) => writeJournal(database, trx, journal));
  }

  const database: Database = { db, dialect, freshness, revocationSeconds, now, change, record };
  return database;
}

/** SQLSTATE class 40: the server undid the transaction (a deadlock, a conflict) and asks to try again. */
function isRolledBack(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  const { cause } = error;
  return (
    cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("40")
  );
}
