// Opening the database: connected, its tables brought up to date, its clock learned.

import { Kysely, type KyselyConfig } from "kysely";
import { type Connection, createDatabase, type Database, type DatabaseOptions } from "./database.ts";
import { type History, readHistory } from "./history.ts";
import { migrate } from "./migrate.ts";
import type { ServerHistory } from "./dialects/postgres-bounds.ts";
import type { Dialect } from "./migration.ts";
import { placed } from "./place.ts";
import type { RunAtOnce } from "./prebuilt.ts";
import type { Tables } from "./tables.ts";

export interface ConnectionOptions {
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…` (`postgresql://…`). */
  readonly url: string;
  /** Where our tables are: a schema on PostgreSQL, a prefix of their names on SQLite. @default none */
  readonly schema?: string | undefined;
  /**
   * The time within which whoever asked a verb has its answer, be it the refusal `unavailable`
   * (PostgreSQL): the server cancels a statement after three quarters of it. @default 2000
   */
  readonly statementTimeoutMs?: number | undefined;
  /** How many connections one instance holds at most (PostgreSQL). @default 10 */
  readonly connections?: number | undefined;
  /** Hears how long each statement took, an app's own included, and whether it failed. */
  readonly onStatement?: ((seconds: number, outcome: "done" | "failed") => void) | undefined;
}

export interface OpenDatabaseOptions extends ConnectionOptions, DatabaseOptions {
  /** For whoever then says what became of the history. @default false */
  readonly acceptsAnyHistory?: boolean | undefined;
}

const migrationLimits = { connections: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 300_000 };

/**
 * Opens the database, brings its tables up to date, and returns when it is ready.
 *
 * @throws TypeError for a URL of another kind
 * @throws StoreError see its codes
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const database = createDatabase(await connect(options), options);
  try {
    await database.ready();
    if (options.acceptsAnyHistory !== true) await database.history.follow();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function connect(options: ConnectionOptions): Promise<Connection> {
  const { url, schema, statementTimeoutMs = 2000, connections = 10 } = options;
  const logging = logTo(options.onStatement);
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : "";
  if (path !== "") {
    const { openSqlite } = await import("./dialects/sqlite.ts");
    const { dialect, file, runAtOnce } = openSqlite(path);
    const appDb = new Kysely<unknown>({ dialect, ...logging });
    await migrateOrClose(appDb, "sqlite", schema);
    const db = placed(appDb as unknown as Kysely<Tables>, "sqlite", schema);
    return {
      db,
      appDb,
      dialect: "sqlite",
      sqliteFile: file,
      history: await readHistory(db, "sqlite"),
      runAtOnce: timed(runAtOnce, options.onStatement),
    };
  }
  if (url.startsWith("postgres://") || url.startsWith("postgresql://")) {
    const { openPostgres } = await import("./dialects/postgres.ts");
    // Changing tables, and waiting for another instance that does, may take longer than any
    // request.
    const migrating = new Kysely<unknown>({ dialect: openPostgres(url, migrationLimits).statements });
    await migrateOrClose(migrating, "postgres", schema);
    await migrating.destroy();
    const limits = { connections, statementTimeoutMs, connectTimeoutMs: statementTimeoutMs };
    const { verbs, statements, expectHistory } = openPostgres(url, limits);
    const db = placed(new Kysely<Tables>({ dialect: verbs, ...logging }), "postgres", schema);
    return {
      db,
      history: await readHistoryOrClose(db, expectHistory),
      appDb: new Kysely({ dialect: statements, ...logging }),
      dialect: "postgres",
      sqliteFile: undefined,
    };
  }
  throw new TypeError('The database URL must be "sqlite:PATH" or begin with "postgres://"');
}

function logTo(onStatement: ConnectionOptions["onStatement"]): Pick<KyselyConfig, "log"> {
  if (onStatement === undefined) return {};
  return {
    log: ({ level, queryDurationMillis }) =>
      onStatement(queryDurationMillis / 1000, level === "error" ? "failed" : "done"),
  };
}

function timed(runAtOnce: RunAtOnce, onStatement: ConnectionOptions["onStatement"]): RunAtOnce {
  if (onStatement === undefined) return runAtOnce;
  return (text, parameters, isInTransaction) => {
    const startedMs = performance.now();
    let outcome: "done" | "failed" | "waits" = "failed";
    try {
      const rows = runAtOnce(text, parameters, isInTransaction);
      outcome = rows === undefined ? "waits" : "done";
      return rows;
    } finally {
      if (outcome !== "waits") onStatement((performance.now() - startedMs) / 1000, outcome);
    }
  };
}

async function readHistoryOrClose(
  db: Kysely<Tables>,
  expectHistory: (history: ServerHistory) => void,
): Promise<History> {
  try {
    return await readHistory(db, "postgres", expectHistory);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function migrateOrClose(
  db: Kysely<unknown>,
  dialect: Dialect,
  schema: string | undefined,
): Promise<void> {
  try {
    await migrate(placed(db, dialect, schema), dialect, undefined, schema);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
