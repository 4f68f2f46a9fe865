// Opens the SQLite file: durable, private, and ours alone while the process lives.
import BetterSqlite from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "./errors.ts";
import type { Tables } from "./tables.ts";

const inMemory = ":memory:";

export function openSqlite(path: string): Kysely<Tables> {
  if (path !== inMemory) makePrivateFile(path);
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: openDatabase(path) }) });
}

function openDatabase(path: string): BetterSqlite.Database {
  try {
    const database = new BetterSqlite(path, { timeout: 0 });
    // EXCLUSIVE before the first read: the lock is then held until the process ends, however it ends.
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    // FULL: a commit is on the disk before it is acknowledged.
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    database.exec("BEGIN IMMEDIATE; COMMIT");
    return database;
  } catch (cause) {
    if (cause instanceof BetterSqlite.SqliteError && cause.code.startsWith("SQLITE_BUSY")) {
      throw new StoreError(
        "locked",
        `Another process has the database ${path} open. A SQLite file serves one process; stop the other one first.`,
        cause,
      );
    }
    throw new StoreError("unreadable", `The database ${path} cannot be opened.`, cause);
  }
}

/** Made with mode 0600 in a folder with mode 0700 before SQLite would make it with others'; its -wal file follows it. */
function makePrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  } catch (cause) {
    throw new StoreError("unreadable", `The database ${path} cannot be created or written.`, cause);
  }
}
