// Opening the database: connected, its tables brought up to date, its clock learned.

import { Kysely } from "kysely";
import { createDatabase, type Database, type DatabaseOptions } from "./database.ts";
import { openPostgres } from "./dialects/postgres.ts";
import { openSqlite } from "./dialects/sqlite.ts";
import { migrate } from "./migrate.ts";
import type { Dialect } from "./migration.ts";
import type { Tables } from "./tables.ts";

export interface ConnectionOptions {
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…` (`postgresql://…`). */
  readonly url: string;
  /**
   * The time within which whoever asked a verb has its answer, be it the refusal `unavailable`
   * (PostgreSQL): the server cancels a statement after three quarters of it. @default 2000
   */
  readonly statementTimeoutMs?: number | undefined;
  /** How many connections one instance holds at most (PostgreSQL). @default 10 */
  readonly connections?: number | undefined;
}

export interface OpenDatabaseOptions extends ConnectionOptions, DatabaseOptions {}

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
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function connect(options: ConnectionOptions): Promise<Pick<Database, "db" | "appDb" | "dialect">> {
  const { url, statementTimeoutMs = 2000, connections = 10 } = options;
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : "";
  if (path !== "") {
    const db = new Kysely<Tables>({ dialect: openSqlite(path) });
    await migrateOrClose(db, "sqlite");
    return { db, appDb: db as unknown as Kysely<unknown>, dialect: "sqlite" };
  }
  if (url.startsWith("postgres://") || url.startsWith("postgresql://")) {
    // Changing tables, and waiting for another instance that does, may take longer than any
    // request.
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
