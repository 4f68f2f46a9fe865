// SQLite: one file, one process, one connection.

import { resolve } from "node:path";
import BetterSqlite from "better-sqlite3";
import { SqliteDialect, type SqliteDatabase, SqliteQueryCompiler, type SqliteStatement } from "kysely";
import { removeUnfinished } from "../../backup/whole-file.ts";
import { StoreError } from "../errors.ts";
import { Placeholder, type RunAtOnce } from "../prebuilt.ts";
import { prepareFile } from "./sqlite-file.ts";
import { fileSystemType, type FileSystemType } from "./sqlite-file-systems.ts";

/** The file that a database is, for whoever takes a copy of it or proves it. */
export interface SqliteFile {
  /** From the root. */
  readonly path: string;
  /**
   * Copies the database into an existing empty file, as it is at one moment, while it is used on (SQLite's backup API).
   * `onStep` is called between steps, and ends the copy where it throws.
   */
  copyTo(path: string, onStep: () => void): Promise<void>;
  /** The first thing that is wrong with what the file holds. */
  findFlaw(): string | undefined;
}

export interface OpenedSqlite {
  readonly dialect: SqliteDialect;
  readonly runAtOnce: RunAtOnce;
  /** Of a database in memory there is none. */
  readonly file: SqliteFile | undefined;
}

/**
 * Opens the file at `path` (or `:memory:`) and holds its lock until the process ends, however it
 * ends.
 *
 * A missing file is made readable by its owner alone, in a folder made so too.
 *
 * @throws StoreError `cannot_open`, `locked_by_other_process`, `unsafe_permissions`,
 *   `unsupported_filesystem`, `not_a_database`
 */
export function openSqlite(path: string, typeOf: FileSystemType = fileSystemType): OpenedSqlite {
  try {
    if (path !== ":memory:") prepareFile(resolve(path), typeOf);
    const database = openLocked(path);
    // Whoever has the lock alone takes copies, so these are of a process that was killed.
    if (path !== ":memory:") removeUnfinished(path);
    const remembering = withRememberedStatements(database);
    return {
      dialect: new PlanningOnceDialect({ database: remembering }),
      runAtOnce(text, parameters, isInTransaction) {
        if (database.inTransaction !== isInTransaction) return undefined;
        const statement = remembering.prepare(text);
        if (statement.reader) return statement.all(parameters);
        statement.run(parameters);
        return [];
      },
      file: path === ":memory:" ? undefined : fileOf(resolve(path), database),
    };
  } catch (error) {
    throw openingError(path, error);
  }
}

function fileOf(path: string, database: BetterSqlite.Database): SqliteFile {
  return {
    path,
    async copyTo(target, onStep) {
      await database.backup(target, {
        progress: () => {
          onStep();
          return pagesPerStep;
        },
      });
    },
    findFlaw() {
      const answer = String(database.pragma("integrity_check(1)", { simple: true }));
      return answer === "ok" ? undefined : answer;
    },
  };
}

/** Half a megabyte: requests come in between. */
const pagesPerStep = 128;

/**
 * As much as it comes to need at most. The inner pages of all indexes of a million accounts fit in, so that a look-up reads
 * the file for its last page alone; SQLite's own 2 MB are those of a thousand accounts.
 */
const cacheKibibytes = 64 * 1024;

function openLocked(path: string): BetterSqlite.Database {
  const database = new BetterSqlite(path, { timeout: 0 });
  try {
    // With the lock held for good the write-ahead log needs no shared memory file, and kill -9
    // releases it.
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    database.pragma("trusted_schema = OFF");
    database.pragma(`cache_size = -${cacheKibibytes}`);
    // Changing nothing, this takes the write lock, which the exclusive mode then keeps.
    database.exec("begin immediate; commit");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openingError(path: string, error: unknown): unknown {
  const code = sqliteCodeOf(error);
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) {
    return new StoreError(
      "locked_by_other_process",
      `The SQLite database ${path} is open in another process. Stop that one first, or use PostgreSQL to run several.`,
      { cause: error },
    );
  }
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) {
    return new StoreError(
      "not_a_database",
      `The file ${path} is not an SQLite database, or it is damaged. Restore it from a backup.`,
      { cause: error },
    );
  }
  if (error instanceof StoreError) return error;
  return new StoreError("cannot_open", `The SQLite database ${path} cannot be opened or made.`, {
    cause: error,
  });
}

/** Translates trouble of the disk; what is left is a fault of ours and stays as it is. */
function unavailableError(error: unknown): unknown {
  const passing = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM)/;
  if (!passing.test(sqliteCodeOf(error))) return error;
  return new StoreError("unavailable", "The SQLite database cannot be used at the moment.", {
    cause: error,
  });
}

/**
 * Keeps SQLite from planning a statement that is built once anew for each value. A plan that it made by looking at a value
 * holds for no other one, and costs more than the statement itself; at what stands behind a unary plus it does not look
 * (`sqlite3ExprIsInteger` in https://sqlite.org/src/file/src/expr.c).
 */
class PlanningOnceCompiler extends SqliteQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    if (parameter instanceof Placeholder) this.append("+");
    super.appendValue(parameter);
  }
}

class PlanningOnceDialect extends SqliteDialect {
  override createQueryCompiler(): SqliteQueryCompiler {
    return new PlanningOnceCompiler();
  }
}

/** Prepares each text of SQL once: Kysely asks for it again at every call. */
function withRememberedStatements(database: BetterSqlite.Database): SqliteDatabase {
  const remembered = new Map<string, SqliteStatement>();
  const limit = 256;

  function prepare(text: string): SqliteStatement {
    let statement = remembered.get(text);
    if (statement === undefined) {
      statement = translating(database.prepare(text));
      if (text === "rollback") statement = whereOpen(statement, database);
      if (remembered.size >= limit) remembered.clear();
      remembered.set(text, statement);
    }
    return statement;
  }
  return { prepare, close: () => database.close() };
}

function translating(statement: BetterSqlite.Statement): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => guarded(() => statement.all(...parameters)),
    run: (parameters) => guarded(() => statement.run(...parameters)),
    iterate: (parameters) => statement.iterate(...parameters),
  };
}

/**
 * Where there is something to roll back. SQLite undoes a transaction by itself when the disk is full or fails, and its
 * "no transaction is active" would then hide why (https://sqlite.org/lang_transaction.html §2).
 */
function whereOpen(rollback: SqliteStatement, database: BetterSqlite.Database): SqliteStatement {
  const nothing = { changes: 0, lastInsertRowid: 0 };
  return {
    ...rollback,
    run: (parameters) => (database.inTransaction ? rollback.run(parameters) : nothing),
  };
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw unavailableError(error);
  }
}

/**
 * SQLite's own code, which may go on where ours end: `SQLITE_BUSY_RECOVERY`. Empty for other
 * errors.
 */
function sqliteCodeOf(error: unknown): string {
  return error instanceof BetterSqlite.SqliteError ? error.code : "";
}
