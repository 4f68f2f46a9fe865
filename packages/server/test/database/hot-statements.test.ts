// What is asked at every request, with many accounts: each statement finds its rows by an index. The statements are
// those that the verbs really send, and the plans those of the databases.
import { CompiledQuery, type Dialect as KyselyDialect, Kysely, sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../src/database/database.ts";
import { openPostgres } from "../../src/database/dialects/postgres.ts";
import { openSqlite } from "../../src/database/dialects/sqlite.ts";
import { readHistory } from "../../src/database/history.ts";
import { migrate } from "../../src/database/migrate.ts";
import type { Tables } from "../../src/database/tables.ts";
import { createDeviceStore } from "../../src/devices/store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "./backends.ts";
import { newAccount, openCookieSession, openSession } from "./fixtures.ts";
import { type Store, storesOn } from "./store.ts";

const accounts = 5000;

/** Those that grow with accounts, sessions and time. What else there is has a row, or a few. */
const growing = ["users", "sessions", "audit"];

interface Watched {
  readonly store: Store;
  /** What the verb sends, in order. */
  statementsOf(verb: () => Promise<unknown>): Promise<readonly CompiledQuery[]>;
  /** How the database would read more of a growing table than it has to; empty if it would not. */
  scansOf(statement: CompiledQuery): Promise<readonly string[]>;
}

async function watch(dialect: Store["dialect"], url: string): Promise<Watched> {
  let sent: CompiledQuery[] = [];
  const limits = { connections: 2, connectTimeoutMs: 30_000, statementTimeoutMs: 120_000 };
  const connection: KyselyDialect =
    dialect === "sqlite"
      ? openSqlite(url.slice("sqlite:".length)).dialect
      : openPostgres(url, limits).statements;
  const db = new Kysely<Tables>({ dialect: connection, log: ({ query }) => void sent.push(query) });
  const appDb = db as unknown as Kysely<unknown>;
  await migrate(appDb, dialect);
  const database = createDatabase(
    { db, appDb, dialect, sqliteFile: undefined, history: await readHistory(db, dialect) },
    { requestLifetimeMs: 60_000, revocationSeconds: 900 },
  );
  const store = await storesOn(database, { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits });
  onTestFinished(() => store.close());
  await fill(appDb, dialect);
  return {
    store,
    async statementsOf(verb) {
      sent = [];
      await verb();
      return sent.filter(({ sql: text }) => /^(?:select|insert|update|delete|with)\b/.test(text));
    },
    scansOf: (statement) =>
      dialect === "sqlite" ? scansOfSqlite(db, statement) : scansOfPostgres(db, statement),
  };
}

/** Accounts with two sessions and ten rows of the trail each, written by SQL. */
async function fill(db: Kysely<unknown>, dialect: Store["dialect"]): Promise<void> {
  const numbers = (count: number) =>
    dialect === "sqlite"
      ? sql`(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)}) select n from numbers) as numbers`
      : sql`generate_series(1, ${sql.lit(count)}) as numbers (n)`;
  const userOf = (n: string) => sql`'user ' || (${sql.raw(n)} % ${sql.lit(accounts)})`;
  await sql`
    insert into users (id, email, email_key, password_hash, password_version, roles, status, created_at, updated_at)
    select ${userOf("n")}, n || '@example.test', n || '@example.test', 'hash', 1, '[]', 'active', 0, 0
    from ${numbers(accounts)}
  `.execute(db);
  await sql`
    insert into sessions (sid, user_id, kind, current, renewed_at, tokens_before, roles, authenticated_at, amr, client_id, device)
    select 'session ' || n, ${userOf("n")}, 'token', 0, 2000000000000, 0, '[]', 2000000000000, '[]', 'first-party', '{}'
    from ${numbers(2 * accounts)}
  `.execute(db);
  await sql`
    insert into audit (seq, at, event, user_id, detail, hash)
    select n, 0, 'session_opened', ${userOf("n")}, '{}', '' from ${numbers(10 * accounts)}
  `.execute(db);
  await sql`update journal set audit_seq = ${10 * accounts}`.execute(db);
  await sql`analyze`.execute(db);
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

/** The verbs behind routes and workers that a busy installation runs all the time. */
function hotVerbs(store: Store): Readonly<Record<string, () => Promise<unknown>>> {
  const { accounts: users, accountSearch: search, sessions, revocations, audit, signingKeys } = store;
  const place = { createdAtMs: 0, id: "user 7", emailKey: "7@example.test" };
  return {
    "sign-up": () => newAccount(store),
    "an account by its address": () => users.findByEmail("7@example.test"),
    "a device that says it is known": () => createDeviceStore(store.database).find("7@example.test"),
    "an account by its id": () => users.get("user 7"),
    "a password shown again": () => users.credentials("user 7"),
    "a hash replaced": () => users.replacePasswordHash("user 7", "hash", "hash 2"),
    "a page of accounts": () => search.search({ query: { by: "age" }, after: place, limit: 100 }),
    "the first page of accounts": () => search.search({ query: { by: "age" }, limit: 100 }),
    "accounts by the beginning of their address": () =>
      search.search({ query: { by: "beginning", text: "77" }, after: place, limit: 100 }),
    "a name changed": () => users.changeName("user 8", "Ada"),
    "a login with a token": () => openSession(store, "user 9"),
    "a login with a cookie": () => openCookieSession(store, "user 9", "a hash"),
    "a request with a cookie": () => sessions.useCookie("a hash"),
    "a renewal": () => sessions.renew({ sid: "session 10", generation: 0 }),
    "a renewal presented again": () => sessions.renew({ sid: "session 10", generation: 0 }),
    "a refresh token from nowhere": () => sessions.renew({ sid: "session 10", generation: 7 }),
    "a session by its id": () => sessions.find("session 11"),
    "the sessions of an account": () => sessions.list("user 12"),
    "a log-out": () => sessions.end({ sid: "session 13" }, "logout"),
    "a log-out of a cookie": () => sessions.endCookie("a hash"),
    "a log-out everywhere": () => sessions.endAll("user 14", null, "logout"),
    "a password changed": () =>
      users.changePassword({ userId: "user 15", passwordVersion: 1, newHash: "hash 3" }),
    "roles changed": () => users.setRoles("user 16", ["admin"]),
    "an account disabled": () => users.setStatus("user 17", "disabled"),
    "an account deleted": () => users.delete("user 18"),
    "the activity of an account": () => audit.list({ userId: "user 19", limit: 50 }),
    "the next page of an account's activity": () =>
      audit.list({ userId: "user 19", before: 40_000, limit: 50 }),
    "a page of the trail": () => audit.list({ before: 40_000, limit: 50 }),
    "an event of the trail": () => audit.record({ event: "login_failed" }),
    "the feed": async () => revocations.since({ ...(await revocations.snapshot()).cursor, number: 0 }, 100),
    "the signing keys": () => signingKeys.inUse(),
    "revocations forgotten": () => revocations.prune(),
    "sessions forgotten": () => sessions.prune(AbortSignal.timeout(200)),
  };
}

describe("with many accounts", () => {
  test.each(backends.slice(0, 2))(
    "every hot statement is answered by an index on $name",
    async ({ newUrl }) => {
      const url = await newUrl();
      const watched = await watch(url.startsWith("sqlite:") ? "sqlite" : "postgres", url);
      const scans: string[] = [];
      for (const [name, verb] of Object.entries(hotVerbs(watched.store))) {
        const statements = await watched.statementsOf(verb);
        expect(statements, name).not.toEqual([]);
        for (const statement of statements)
          for (const scan of await watched.scansOf(statement)) scans.push(`${name}: ${scan}`);
      }
      expect(scans).toEqual([]);
      // The test itself sees a scan where there is one.
      const scanning = await watched.statementsOf(() =>
        watched.store.database.db.selectFrom("audit").selectAll().where("sid", "=", "session 1").execute(),
      );
      expect(await Promise.all(scanning.map(watched.scansOf))).toMatchObject([[expect.any(String)]]);
    },
  );
});
