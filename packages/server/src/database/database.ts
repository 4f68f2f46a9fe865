// The handle that all verbs share: the connection, its clock, and the one way to change something.

import { sql, type Kysely, type RawBuilder } from "kysely";
import type { AuditEvent } from "./audit-event.ts";
import type { AuditSeal } from "./audit-seal.ts";
import type { SqliteFile } from "./dialects/sqlite.ts";
import { StoreError } from "./errors.ts";
import type { History } from "./history.ts";
import type { Dialect } from "./migration.ts";
import type { RevocationEntry } from "./revocation-entry.ts";
import { createOutbox } from "./outbox.ts";
import { type Build, builtEachTime, prebuiltOn, type RunAtOnce } from "./prebuilt.ts";
import { createSealer } from "./sealer.ts";
import { type Collected, createSequencer } from "./sequencer.ts";
import { createStallGuard, type StallGuard } from "./stall-guard.ts";
import type { Tables } from "./tables.ts";

/**
 * Everything that one transaction does, with the audit events and revocations that belong to it.
 */
export interface Change {
  readonly db: Kysely<Tables>;
  /** Written to the trail when the transaction ends, or not at all. */
  readonly record: (event: AuditEvent) => void;
  /** Appended to the feed when the transaction ends, or not at all. */
  readonly revoke: (entry: RevocationEntry) => void;
  /** Called once the transaction is committed, and must not throw; not called if that is unknown. */
  readonly afterCommit: (listener: () => void) => void;
}

/** Told of the revocations of one commit. */
export type RevocationListener = (entries: readonly RevocationEntry[]) => void;

export interface Database {
  readonly db: Kysely<Tables>;
  /** The same connections for an app's own tables, whose work no verb's time limit cuts short. */
  readonly appDb: Kysely<unknown>;
  readonly dialect: Dialect;
  /** The file that an SQLite database is. */
  readonly sqliteFile: SqliteFile | undefined;
  readonly history: History;
  readonly stallGuard: StallGuard;
  /** How long revocations of access tokens are kept: as long as any such token can live. */
  readonly revocationSeconds: number;
  /**
   * The database's own clock as an SQL expression: integer milliseconds, moving within a
   * transaction.
   */
  readonly now: () => RawBuilder<number>;
  /** A statement that is built once, and from then on only given its values. */
  readonly prebuilt: Build;
  /**
   * Runs `work` as one transaction and closes it with its events and revocations.
   * `work` may run more than once (PostgreSQL may ask to try again) and must use only the handle it
   * is given. Past the deadline (by default one from now) nothing is written.
   */
  readonly change: <T>(work: (change: Change) => Promise<T>, deadlineMs?: number) => Promise<T>;
  /** Seals the end of the trail whenever it grows from now on. */
  readonly sealWith: (seal: AuditSeal) => void;
  /**
   * Gives what is committed its numbers, as far as that is possible at the moment. Whoever commits
   * revocations has begun it by the time that the verb returns; on SQLite nothing is left to do.
   */
  readonly seal: () => Promise<void>;
  readonly isSealing: () => boolean;
  /** A transaction that only writes an audit event. */
  readonly record: (event: AuditEvent, deadlineMs?: number) => Promise<void>;
  /**
   * Tells `listener` of every revocation that this instance commits, before the verb that caused it
   * returns. Returns the way to stop.
   */
  readonly onRevocations: (listener: RevocationListener) => () => void;
  /** Resolves when the database answers. @throws StoreError `unavailable` */
  readonly ready: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a database is made on. */
export type Connection = Pick<Database, "db" | "appDb" | "dialect" | "sqliteFile" | "history"> & {
  /** Past Kysely, for the statements that are built once. */
  readonly runAtOnce?: RunAtOnce | undefined;
};

export interface DatabaseOptions {
  /** See `StallGuardOptions`. */
  readonly requestLifetimeMs: number;
  readonly revocationSeconds: number;
  /** A test's clock in place of the database's own. */
  readonly nowMs?: (() => number) | undefined;
}

const attempts = 5;

export function createDatabase(
  connection: Connection,
  { requestLifetimeMs, revocationSeconds, nowMs }: DatabaseOptions,
): Database {
  const { db, dialect } = connection;
  const stallGuard = createStallGuard({ requestLifetimeMs, databaseNowMs: nowMs });
  const listeners = new Set<RevocationListener>();
  const clock =
    dialect === "sqlite"
      ? sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`
      : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

  function now(): RawBuilder<number> {
    if (nowMs === undefined) return clock;
    return dialect === "sqlite" ? sql`cast(${nowMs()} as integer)` : sql`${nowMs()}::bigint`;
  }

  // A test's clock stands in the text of the statement.
  const build = nowMs === undefined ? prebuiltOn(connection.runAtOnce) : builtEachTime;
  let seal: AuditSeal | undefined;
  const statements = { db, build, now };
  const sequencer = createSequencer({ ...statements, stallGuard, seal: () => seal });
  const outbox = createOutbox({ ...statements, stallGuard });
  const sealer = dialect === "sqlite" ? undefined : createSealer({ db, outbox, sequencer, seal: () => seal });
  /** Whether rows of this instance may still be without a number. */
  let hasLeft = false;

  async function sealWhatWaits(): Promise<void> {
    hasLeft = false;
    await sealer?.seal();
  }

  async function close(trx: Kysely<Tables>, collected: Collected): Promise<void> {
    if (collected.events.length === 0 && collected.entries.length === 0) return;
    if (dialect === "sqlite") return sequencer.write(trx, collected);
    await outbox.leave(trx, collected);
    hasLeft = true;
  }

  async function changeOnce<T>(work: (change: Change) => Promise<T>, deadlineMs: number): Promise<T> {
    const events: AuditEvent[] = [];
    const entries: RevocationEntry[] = [];
    const committed: (() => void)[] = [];
    const result = await db.transaction().execute(async (trx) => {
      const outcome = await work({
        db: trx,
        record: (event) => void events.push(event),
        revoke: (entry) => void entries.push(entry),
        afterCommit: (listener) => void committed.push(listener),
      });
      await close(trx, { events, entries, deadlineMs });
      return outcome;
    });
    for (const listener of committed) listener();
    if (entries.length === 0) return result;
    for (const listener of listeners) listener(entries);
    // Not waited for: if it fails, whoever reads the feed sees what waits, and tries again.
    sealWhatWaits().catch(() => undefined);
    return result;
  }

  return {
    ...connection,
    stallGuard,
    revocationSeconds,
    now,
    prebuilt: build,

    async change(work, deadlineMs = stallGuard.deadline()) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await changeOnce(work, deadlineMs);
        } catch (error) {
          if (attempt === attempts || !isRolledBack(error)) throw error;
        }
      }
    },

    sealWith(given) {
      seal = given;
    },

    async record(event, deadlineMs = stallGuard.deadline()) {
      const collected = { events: [event], entries: [], deadlineMs };
      await db.transaction().execute((trx) => close(trx, collected));
    },

    seal: sealWhatWaits,
    isSealing: () => sealer?.isSealing() ?? false,

    onRevocations(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    async ready() {
      const { rows } = await sql<{ now: number }>`select ${now()} as now`.execute(db);
      for (const row of rows) stallGuard.observe(row.now);
    },

    async close() {
      stallGuard.close();
      // The last instance to go leaves nothing waiting; what it cannot number the next one will.
      if (hasLeft || sealer?.isSealing() === true) await sealWhatWaits().catch(() => undefined);
      await db.destroy();
    },
  };
}

/**
 * SQLSTATE class 40: the server undid the transaction (a deadlock, a conflict) and asks to try
 * again.
 */
function isRolledBack(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  const { cause } = error;
  return (
    cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("40")
  );
}
