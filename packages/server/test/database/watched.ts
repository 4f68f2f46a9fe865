// The statements that the verbs really send, on a database that was filled by SQL, and how the database finds their rows.
import { CompiledQuery, type Dialect as KyselyDialect, Kysely } from "kysely";
import { onTestFinished } from "vitest";
import { createDatabase } from "../../src/database/database.ts";
import { openPostgres } from "../../src/database/dialects/postgres.ts";
import { openSqlite } from "../../src/database/dialects/sqlite.ts";
import { readHistory } from "../../src/database/history.ts";
import { migrate } from "../../src/database/migrate.ts";
import type { Tables } from "../../src/database/tables.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { type Store, storesOn } from "./store.ts";

/** Those that grow with accounts, sessions and time. What else there is has a row, or a few. */
const growing = ["users", "sessions", "audit"];

export interface Watched {
  readonly store: Store;
  /** What the verb sends, in order. */
  statementsOf(verb: () => Promise<unknown>): Promise<readonly CompiledQuery[]>;
  /** For how many milliseconds the database has answered so far. */
  spentMs(): number;
  /** How the database would read more of a growing table than it has to; empty if it would not. */
  scansOf(statement: CompiledQuery): Promise<readonly string[]>;
}

/** Opened with its tables, and closed when the test ends. `fill` writes what it is full of. */
export async function watch(
  url: string,
  fill: (db: Kysely<unknown>, dialect: Store["dialect"]) => Promise<void>,
): Promise<Watched> {
  const dialect = url.startsWith("sqlite:") ? "sqlite" : "postgres";
  let sent: CompiledQuery[] | undefined;
  let spentMs = 0;
  const limits = { connections: 2, connectTimeoutMs: 30_000, statementTimeoutMs: 120_000 };
  const connection: KyselyDialect =
    dialect === "sqlite"
      ? openSqlite(url.slice("sqlite:".length)).dialect
      : openPostgres(url, limits).statements;
  const db = new Kysely<Tables>({
    dialect: connection,
    log({ query, queryDurationMillis }) {
      sent?.push(query);
      spentMs += queryDurationMillis;
    },
  });
  const appDb = db as unknown as Kysely<unknown>;
  await migrate(appDb, dialect);
  const database = createDatabase(
    { db, appDb, dialect, sqliteFile: undefined, history: await readHistory(db, dialect) },
    { requestLifetimeMs: 60_000, revocationSeconds: 900 },
  );
  const store = await storesOn(database, { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits });
  onTestFinished(() => store.close());
  await appDb.connection().execute((one) => fill(one, dialect));
  return {
    store,
    async statementsOf(verb) {
      const during: CompiledQuery[] = [];
      sent = during;
      await verb();
      sent = undefined;
      return during.filter(({ sql: text }) => /^(?:select|insert|update|delete|with)\b/.test(text));
    },
    spentMs: () => spentMs,
    scansOf: (statement) =>
      dialect === "sqlite" ? scansOfSqlite(db, statement) : scansOfPostgres(db, statement),
  };
}

async function scansOfSqlite(
  db: Kysely<Tables>,
  { sql: text, parameters }: CompiledQuery,
): Promise<string[]> {
  const { rows } = await db.executeQuery<{ detail: string }>(
    CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
  );
  // The first page of everything is read in the order of an index, as far as its limit.
  const isFirstPage = !text.includes(" where ") && text.includes(" limit ");
  return rows
    .map(({ detail }) => detail)
    .filter((detail) => growing.some((table) => detail.startsWith(`SCAN ${table}`) || isWalk(detail, table)))
    .filter(() => !isFirstPage)
    .map((detail) => `${detail}: ${text}`);

  /** By order alone, although the question names what is looked for. */
  function isWalk(detail: string, table: string): boolean {
    return detail.startsWith(`SEARCH ${table} `) && /\(\w+[<>]\?/.test(detail) && text.includes('" = ?');
  }
}

/** A node of PostgreSQL's plan, as much of it as we look at. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

async function scansOfPostgres(
  db: Kysely<Tables>,
  { sql: text, parameters }: CompiledQuery,
): Promise<string[]> {
  const { rows } = await db.executeQuery<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
    CompiledQuery.raw(`explain (format json) ${text}`, [...parameters]),
  );
  const nodes: PlanNode[] = [];
  const collect = (node: PlanNode): void => {
    nodes.push(node);
    for (const below of node.Plans ?? []) collect(below);
  };
  for (const { Plan: plan } of rows[0]?.["QUERY PLAN"] ?? []) collect(plan);
  return (
    nodes
      .filter((node) => growing.includes(node["Relation Name"] ?? "") && node["Node Type"].includes("Scan"))
      // Through an index that answers nothing of the question all rows may be read, until enough are found.
      .filter(
        (node) =>
          node["Node Type"] === "Seq Scan" ||
          (node["Node Type"].startsWith("Index") &&
            node["Index Cond"] === undefined &&
            node.Filter !== undefined),
      )
      .map((node) => `${node["Node Type"]} ${node["Relation Name"]}: ${text}`)
  );
}
