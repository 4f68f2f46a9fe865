// PostgreSQL: a bounded pool of connections that gives up in time and heals by itself, also behind a pooler.

import pg from "pg";
import { PostgresDialect, type PostgresPoolClient } from "kysely";
import { StoreError } from "../errors.ts";
import {
  areBoundsKept,
  connectionQuestion,
  type ConnectionFacts,
  type ExpectedServer,
  requireServer,
  startupBounds,
} from "./postgres-bounds.ts";
import { boundedClient, type Bounded, type BoundedClient, type TimedQuery } from "./postgres-client.ts";
import { createPostgresErrors, isStartupParameterRefused } from "./postgres-errors.ts";
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
  /** From now on, whoever is connected to a cluster with another system identifier is told so. */
  readonly expectCluster: (identifier: string) => void;
}

/**
 * Every connection of `url` is bounded by `limits`; nothing is connected before the first
 * statement.
 *
 * The bounds are said when a connection starts. Where they are refused, or do not arrive, a pooler
 * stands in between, and from then on they are said in every transaction.
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
  const config: pg.PoolConfig = {
    connectionString: target.connectionString,
    ssl: tlsOf(target),
    max: limits.connections,
    connectionTimeoutMillis: Math.min(limits.connectTimeoutMs, patienceMs),
    query_timeout: patienceMs,
    keepAlive: true,
    application_name: "countersign",
    types: { getTypeParser: parserOf },
  };
  const place = placeOf(config);
  const errors = createPostgresErrors(place);
  const nameOf = createStatementNames();
  /** What is left, at least a millisecond: to pg, zero means without end. */
  const msUntil = (deadlineMs: number): number => Math.max(1, deadlineMs - nowMs());
  const clients = new WeakMap<pg.PoolClient, BoundedClient>();
  const direct = newPool({ ...config, ...startupBounds(serverMs) });
  let pooled: pg.Pool | undefined;
  let cluster: string | undefined;
  const expected = (): ExpectedServer => ({ place, cluster });

  /** Undefined where a pooler is met. */
  async function connectDirectly(deadlineMs: number): Promise<BoundedClient | undefined> {
    let client: pg.PoolClient;
    try {
      client = await direct.connect();
    } catch (error) {
      if (isStartupParameterRefused(error)) return undefined;
      throw errors.ofConnecting(error);
    }
    const known = clients.get(client);
    if (known !== undefined) return known;
    try {
      const server = expected();
      const question: TimedQuery = { text: connectionQuestion(server), query_timeout: msUntil(deadlineMs) };
      const { rows } = await client.query<ConnectionFacts>(question);
      if (rows[0] !== undefined && !areBoundsKept(rows[0], serverMs)) {
        client.release(true);
        return undefined;
      }
      requireServer(rows[0], server);
    } catch (error) {
      client.release(true);
      throw errors.ofConnecting(error);
    }
    const bounded = boundedClient(client, { errors, msUntil, nameOf });
    clients.set(client, bounded);
    return bounded;
  }

  async function connectBehindPooler(pool: pg.Pool): Promise<BoundedClient> {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw errors.ofConnecting(error);
    }
    const bounded =
      clients.get(client) ??
      boundedClient(client, { errors, msUntil, nameOf, pooled: { serverMs, expected } });
    clients.set(client, bounded);
    return bounded;
  }

  /**
   * The wait for a connection and what is then done there takes `patienceMs` together: who finds no
   * database, or loses it half way, hears so within one timeout, not after one for each step.
   */
  async function connect(how: Bounded): Promise<PostgresPoolClient> {
    const deadlineMs = nowMs() + patienceMs;
    if (pooled === undefined) {
      const client = await connectDirectly(deadlineMs);
      if (client !== undefined) return client.until(deadlineMs, how);
      refuseOptions(target.connectionString, place);
      pooled ??= newPool(config);
    }
    return (await connectBehindPooler(pooled)).until(deadlineMs, how);
  }

  async function end(): Promise<void> {
    await Promise.all([direct.end(), pooled?.end()]);
  }

  const dialectFor = (how: Bounded): PostgresDialect =>
    new PostgresDialect({ pool: { connect: () => connect(how), end, options: direct.options } });
  return {
    verbs: dialectFor("verb"),
    statements: dialectFor("statement"),
    expectCluster(identifier) {
      cluster = identifier;
    },
  };
}

/**
 * The caller has an answer within the timeout: first the server gives up, then we, for a network
 * that swallows packets, where its word never arrives, and what is left is for the refusal to get
 * out.
 */
function stagesOf({ statementTimeoutMs }: PostgresLimits): { serverMs: number; patienceMs: number } {
  return {
    serverMs: Math.ceil(0.75 * statementTimeoutMs),
    patienceMs: Math.ceil(0.85 * statementTimeoutMs),
  };
}

/**
 * Without listeners a connection that breaks would end the process; the next statement finds out
 * anyway.
 */
function newPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
  return pool;
}

function ignore(): void {}

const int8: number = pg.types.builtins.INT8;

/** Our 64-bit integers are milliseconds and counters, far below 2^53. */
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format);

/** Where the driver will go, as it reads the URL and its own environment. */
function placeOf(config: pg.PoolConfig): string {
  const { host, port } = new pg.Client(config);
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * A pooler refuses the parameter `options`, or drops it without a word, and with it the schema of
 * the tables.
 *
 * @throws StoreError `unavailable`
 */
function refuseOptions(connectionString: string, place: string): void {
  const queryAt = connectionString.indexOf("?");
  if (queryAt === -1 || !new URLSearchParams(connectionString.slice(queryAt)).has("options")) return;
  throw new StoreError(
    "unavailable",
    `A pooler stands before PostgreSQL at ${place}, and the options in the URL do not pass it. Take them away; ` +
      "databaseSchema (--database-schema, COUNTERSIGN_DATABASE_SCHEMA) names the schema of the tables.",
  );
}
