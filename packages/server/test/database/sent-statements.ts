// The statements that reach the databases of this process, whichever way they take there.
import BetterSqlite from "better-sqlite3";
import pg from "pg";
import { onTestFinished, vi } from "vitest";

export interface SentStatements {
  /** But for those that begin and end transactions; what answers rows comes first. */
  texts(): readonly string[];
  clear(): void;
}

/** From now on, until the test ends. */
export function watchStatements(): SentStatements {
  const ofSqlite = prototypeOfStatements();
  const spies = { all: vi.spyOn(ofSqlite, "all"), run: vi.spyOn(ofSqlite, "run") };
  const query = vi.spyOn(pg.Client.prototype, "query");
  const all = [spies.all, spies.run, query];
  onTestFinished(() => {
    for (const spy of all) spy.mockRestore();
  });
  return {
    texts() {
      const statements = [...spies.all.mock.contexts, ...spies.run.mock.contexts] as BetterSqlite.Statement[];
      const onSqlite = statements.map(({ source }) => source);
      const onPostgres = query.mock.calls.map(([asked]) => textOf(asked));
      return [...onSqlite, ...onPostgres].filter((text) => !/^(?:begin|commit|rollback)\b/i.test(text));
    },
    clear() {
      for (const spy of all) spy.mockClear();
    },
  };
}

function textOf(asked: unknown): string {
  return typeof asked === "string" ? asked : (asked as { readonly text: string }).text;
}

/** The library has no name for their class. */
function prototypeOfStatements(): BetterSqlite.Statement {
  const database = new BetterSqlite(":memory:");
  try {
    return Object.getPrototypeOf(database.prepare("select 1")) as BetterSqlite.Statement;
  } finally {
    database.close();
  }
}
