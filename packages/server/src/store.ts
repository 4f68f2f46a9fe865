// The store: everything the server must not forget, on SQLite or PostgreSQL, behind verbs that are each one transaction.

import { Kysely, sql } from "kysely";
import { Accounts } from "./accounts/store.ts";
import { AuditTrail } from "./audit/trail.ts";
import { createDatabase, type Database } from "./database/database.ts";
import { Freshness } from "./database/stall-guard.ts";
import { Installation } from "./keys/installation-store.ts";
import { migrate, type Dialect } from "./database/migrate.ts";
import { openPostgres } from "./database/dialects/postgres.ts";
import { Revocations, type RevocationEntry } from "./revocations/store.ts";
import { Sessions, type SessionLimits } from "./sessions/store.ts";
import { StoredKeys } from "./keys/store.ts";
import { openSqlite } from "./database/dialects/sqlite.ts";
import { defaultSessionLimits, maxAccessTokenTtlSeconds } from "./settings/limits.ts";
import type { Tables } from "./database/tables.ts";

export interface StoreOptions {
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…` (`postgresql://…`). */
  readonly url: string;
  /**
   * Within what time a verb is done or has failed as `unavailable`, the answer to who asked included (PostgreSQL): the
   * server cancels a statement after three quarters of it. @default 2000
   */
  readonly statementTimeoutMs?: number;
  /** How many connections one instance holds at most (PostgreSQL). @default 10 */
  readonly connections?: number;
  /** The longest that any access token lives; revocations are kept that long. @default 900 */
  readonly accessTokenLifetimeSeconds?: number;
  readonly sessions?: Partial<SessionLimits>;
  /** A test's clock in place of the database's own. */
  readonly nowMs?: () => number;
}

/** Verbs are grouped by noun. They return outcomes; they throw `StoreError` when the database can not be used. */
export interface Store {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  readonly audit: AuditTrail;
  readonly signingKeys: StoredKeys;
  readonly installation: Installation;
  /** For the verbs of this folder. */
  readonly database: Database;
  /** The connection, for an app's own tables: `store.db.withTables<{ posts: PostsTable }>()`. */
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  /** Told of every revocation that this instance commits, before the verb that caused it returns. Returns the way to stop. */
  onRevocations(listener: (entries: readonly RevocationEntry[]) => void): () => void;
  /** Resolves when the database answers. @throws StoreError `unavailable` */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const defaultLimits: SessionLimits = { graceSeconds: 10, ...defaultSessionLimits };

/** For clocks that differ between the server and its verifiers. */
const leewaySeconds = 60;

const migrationLimits = { connections: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 300_000 };

/**
 * Opens the database, brings its tables up to date, and returns when it is ready.
 *
 * @throws TypeError for a URL of another kind
 * @throws StoreError see its codes
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const limits = { ...defaultLimits, ...options.sessions };
  const { db, appDb, dialect } = await openDatabase(options);
  // Half of the grace for a client to wait, so that its late request and its next one never lie further apart than the grace.
  const freshness = new Freshness(Math.max(limits.graceSeconds, 2) * 500, options.nowMs);
  const listeners = new Set<(entries: readonly RevocationEntry[]) => void>();
  const database = createDatabase({
    db,
    dialect,
    freshness,
    nowMs: options.nowMs,
    revocationSeconds:
      Math.max(options.accessTokenLifetimeSeconds ?? 0, maxAccessTokenTtlSeconds) + leewaySeconds,
    onRevocations: (entries) => {
      for (const listener of listeners) listener(entries);
    },
  });

  const store: Store = {
    accounts: new Accounts(database),
    sessions: new Sessions(database, limits),
    revocations: new Revocations(database),
    audit: new AuditTrail(database),
    signingKeys: new StoredKeys(database),
    installation: new Installation(db),
    database,
    db: appDb,
    dialect,
    onRevocations(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async ready() {
      const { rows } = await sql<{ now: number }>`select ${database.now()} as now`.execute(db);
      for (const { now } of rows) freshness.observe(now);
    },
    async close() {
      freshness.close();
      await db.destroy();
    },
  };
  await store.ready();
  return store;
}

interface OpenDatabase {
  readonly db: Kysely<Tables>;
  /** The same for an app, whose work no verb's limit cuts short. */
  readonly appDb: Kysely<unknown>;
  readonly dialect: Dialect;
}

async function openDatabase(options: StoreOptions): Promise<OpenDatabase> {
  const { url, statementTimeoutMs = 2000, connections = 10 } = options;
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : "";
  if (path !== "") {
    const db = new Kysely<Tables>({ dialect: openSqlite(path) });
    await migrateOrClose(db, "sqlite");
    return { db, appDb: db as unknown as Kysely<unknown>, dialect: "sqlite" };
  }
  if (url.startsWith("postgres://") || url.startsWith("postgresql://")) {
    // Changing tables, and waiting for another instance that does, may take longer than any request.
    const migrating = new Kysely<Tables>({ dialect: openPostgres(url, migrationLimits).statements });
    await migrateOrClose(migrating, "postgres");
    await migrating.destroy();
    const limits = { connections, statementTimeoutMs, connectTimeoutMs: statementTimeoutMs };
    const { verbs, statements } = openPostgres(url, limits);
    return {
      db: new Kysely<Tables>({ dialect: verbs }),
      appDb: new Kysely({ dialect: statements }),
      dialect: "postgres",
    };
  }
  throw new TypeError('The database URL must be "sqlite:PATH" or begin with "postgres://"');
}

async function migrateOrClose(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  try {
    await migrate(db as unknown as Kysely<unknown>, dialect);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
