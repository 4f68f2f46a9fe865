// PostgreSQL: a bounded pool of connections that gives up in time and heals by itself.

import pg from "pg";
import { PostgresDialect, type PostgresPoolClient } from "kysely";
import { StoreError } from "../errors.ts";
import { createStatementNames } from "./postgres-statement-names.ts";
import { readPostgresUrl } from "../../settings/database-url.ts";
import { tlsOf } from "./tls.ts";

export interface PostgresLimits {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** Two ways to use the same connections, which end together. */
export interface PostgresDialects {
  /**
   * For verbs: all that one does, from the wait for a connection to the commit, has one timeout
   * together.
   */
  readonly verbs: PostgresDialect;
  /**
   * For migrations and an app's own tables: each statement has a timeout, the first with the wait
   * for its connection.
   */
  readonly statements: PostgresDialect;
}

/**
 * Every connection of `url` is bounded by `limits`; nothing is connected before the first
 * statement.
 *
 * @throws TypeError for a URL that says something else about TLS than we know
 */
export function openPostgres(
  url: string,
  limits: PostgresLimits,
  nowMs: () => number = () => performance.now(),
): PostgresDialects {
  const { serverMs, patienceMs } = stagesOf(limits);
  const target = readPostgresUrl(url);
  const pool = new pg.Pool({
    connectionString: target.connectionString,
    ssl: tlsOf(target),
    max: limits.connections,
    connectionTimeoutMillis: Math.min(limits.connectTimeoutMs, patienceMs),
    statement_timeout: serverMs,
    lock_timeout: serverMs,
    // A frozen instance must not keep the journal's row from the others.
    idle_in_transaction_session_timeout: serverMs,
    query_timeout: patienceMs,
    keepAlive: true,
    application_name: "countersign",
    types: { getTypeParser: parserOf },
  });
  // Without listeners a connection that breaks would end the process; the next statement finds out
  // anyway.
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
  const connectWith = translating(pool, patienceMs, nowMs);
  const dialectFor = (bounded: Bounded): PostgresDialect => {
    const connect = (): Promise<PostgresPoolClient> => connectWith(bounded);
    return new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } });
  };
  return { verbs: dialectFor("verb"), statements: dialectFor("statement") };
}

/** What must be done within the time that begins when a connection is asked for. */
type Bounded = "verb" | "statement";

/**
 * Who asked has an answer within the timeout: first the server gives up, then we, for a network
 * that swallows packets, where its word never arrives, and what is left is for the refusal to get
 * out.
 */
function stagesOf({ statementTimeoutMs }: PostgresLimits): { serverMs: number; patienceMs: number } {
  return {
    serverMs: Math.ceil(0.75 * statementTimeoutMs),
    patienceMs: Math.ceil(0.85 * statementTimeoutMs),
  };
}

function ignore(): void {}

const int8: number = pg.types.builtins.INT8;

/** Our 64-bit integers are milliseconds and counters, far below 2^53. */
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format);

/**
 * The same pool as Kysely sees it: errors translated, broken connections thrown away, statements
 * with parameters prepared once.
 *
 * The wait for a connection and what is then done there takes `patienceMs` together: who finds no
 * database, or loses it half way, hears so within one timeout, not after one for each step.
 */
function translating(
  pool: pg.Pool,
  patienceMs: number,
  nowMs: () => number,
): (bounded: Bounded) => Promise<PostgresPoolClient> {
  const clients = new WeakMap<pg.PoolClient, TranslatingClient>();
  const nameOf = createStatementNames();
  /** What is left, at least a millisecond: to pg, zero means without end. */
  const msUntil = (deadlineMs: number): number => Math.max(1, deadlineMs - nowMs());

  return async function connect(bounded) {
    const deadlineMs = nowMs() + patienceMs;
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw translated(error);
    }
    const known = clients.get(client);
    if (known !== undefined) return known.until(deadlineMs, bounded);
    try {
      await requirePrimary(client, msUntil(deadlineMs));
    } catch (error) {
      client.release(true);
      throw translated(error);
    }
    const wrapped = translatingClient(client, nameOf, msUntil);
    clients.set(client, wrapped);
    return wrapped.until(deadlineMs, bounded);
  };
}

/**
 * A standby answers with what was true a moment, or an hour, ago: a session that has ended since
 * would live there.
 *
 * @throws StoreError `unavailable`
 */
async function requirePrimary(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  const question: TimedQuery = {
    text: "show transaction_read_only",
    query_timeout: timeoutMs,
  };
  const { rows } = await client.query<{ transaction_read_only: string }>(question);
  if (rows[0]?.transaction_read_only === "off") return;
  throw new StoreError(
    "unavailable",
    "This PostgreSQL is read-only, a standby for example. The URL must lead to the primary.",
  );
}

/** pg takes a time for each query too, of which its types know nothing. */
interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout?: number;
}

interface TranslatingClient extends PostgresPoolClient {
  /** Itself, for one verb, or for statements of which only the next must be done by then. */
  until(deadlineMs: number, bounded: Bounded): this;
}

function translatingClient(
  client: pg.PoolClient,
  nameOf: (text: string) => string | undefined,
  msUntil: (deadlineMs: number) => number,
): TranslatingClient {
  let lost: unknown;
  let bound: Bounded = "verb";
  let boundMs: number | undefined;

  async function query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    // A rollback would wait for the answer that did not come. The server undoes what a lost
    // connection leaves open.
    if (lost !== undefined) throw lost;
    const name = values.length === 0 ? undefined : nameOf(text);
    const deadlineMs = boundMs;
    if (bound === "statement") boundMs = undefined;
    try {
      const statement: TimedQuery = {
        text,
        values: [...values],
        ...(name !== undefined && { name }),
        ...(deadlineMs !== undefined && { query_timeout: msUntil(deadlineMs) }),
      };
      return await client.query(statement);
    } catch (error) {
      const failure = translated(error);
      // Whatever is not an answer of the server leaves the conversation in an unknown state.
      if (!(error instanceof pg.DatabaseError)) lost = failure;
      throw failure;
    }
  }
  return {
    // Kysely's type also has an overload for cursors, which need an option that we do not give.
    query: query as unknown as PostgresPoolClient["query"],
    release: (destroy) => client.release(lost !== undefined || destroy === true),
    until(deadlineMs, bounded) {
      boundMs = deadlineMs;
      bound = bounded;
      return this;
    },
  };
}

/**
 * SQLSTATEs that pass by themselves (PostgreSQL, Appendix A): 08 connection, 25P03 idle in a
 * transaction, 25006 read-only after a failover, 40 rolled back, 53 out of resources, 55P03 lock
 * not available, 57 operator intervention (shutdown, cancelled by a timeout), 58 system error.
 */
const passing = /^(?:08|25P03|25006|40|53|55P03|57|58)/;

function translated(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (error instanceof pg.DatabaseError && !passing.test(error.code ?? "")) return error;
  return new StoreError("unavailable", explanationOf(error), { cause: error });
}

/** What can only be mended by who runs the server is told apart from what passes. */
function explanationOf(error: unknown): string {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (/^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/.test(code)) {
    return `PostgreSQL's certificate is not accepted (${code}). Its authority's certificate goes into the URL as sslrootcert=PATH.`;
  }
  if (message === "The server does not support SSL connections") {
    return "PostgreSQL takes no TLS here. To send passwords and tokens over the network in plain text, say sslmode=disable in the URL.";
  }
  return "PostgreSQL cannot be used at the moment.";
}
