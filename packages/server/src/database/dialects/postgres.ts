// PostgreSQL: bounded connections to whichever of its servers is the primary, which give up in time and heal by themselves.

import pg from "pg";
import { PostgresDialect, type PostgresPoolClient } from "kysely";
import { StoreError } from "../errors.ts";
import { readPostgresUrl } from "../../settings/database-url.ts";
import { connectionQuestion, type Meeting, requireServer, type ServerHistory } from "./postgres-bounds.ts";
import type { Bounded } from "./postgres-client.ts";
import { createPostgresServer, type PostgresServer } from "./postgres-server.ts";
import { createStatementNames } from "./postgres-statement-names.ts";
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
  /** From now on, whoever is connected to another cluster, or to what it was before, is told so. */
  readonly expectHistory: (history: ServerHistory) => void;
}

/**
 * Every connection of `url` is bounded by `limits`; nothing is connected before the first
 * statement. Of several hosts the one that was the primary is used until a connection to it is lost,
 * and then the first that is one.
 *
 * @throws TypeError for a URL that says something else about TLS or its hosts than we know
 */
export function openPostgres(
  url: string,
  limits: PostgresLimits,
  nowMs: () => number = () => performance.now(),
): PostgresDialects {
  const { serverMs, patienceMs } = stagesOf(limits);
  const target = readPostgresUrl(url);
  const { connectionStrings } = target;
  const connectionMs = Math.min(limits.connectTimeoutMs, patienceMs);
  let history: ServerHistory | undefined;
  /** Which of the servers is asked first. */
  let preferred = 0;

  const meetingAt = (place: string): Meeting => ({
    question: () => connectionQuestion(history),
    judge(facts) {
      requireServer(facts, place, history);
      if (history !== undefined) expectHistory({ ...history, timeline: facts?.timeline ?? 0 });
    },
  });

  function expectHistory(met: ServerHistory): void {
    history = { ...met, timeline: Math.max(met.timeline, history?.timeline ?? 0) };
  }

  const config: pg.PoolConfig = {
    ssl: tlsOf(target),
    max: limits.connections,
    connectionTimeoutMillis: connectionMs,
    query_timeout: patienceMs,
    keepAlive: true,
    application_name: "countersign",
    types: { getTypeParser: parserOf },
  };
  const common = {
    serverMs,
    // One that does not answer must leave time for the next one.
    newConnectionMs: Math.ceil(connectionMs / connectionStrings.length),
    meetingAt,
    // What is left, at least a millisecond: to pg, zero means without end.
    msUntil: (deadlineMs: number) => Math.max(1, deadlineMs - nowMs()),
    nameOf: createStatementNames(),
  };
  const servers = connectionStrings.map((connectionString, index) =>
    createPostgresServer({
      ...common,
      config: { ...config, connectionString },
      onLost() {
        if (preferred === index) preferred = (index + 1) % connectionStrings.length;
      },
    }),
  );

  /**
   * The wait for a connection and what is then done there takes `patienceMs` together: who finds no
   * database, or loses it half way, hears so within one timeout, not after one for each step.
   */
  async function connect(how: Bounded): Promise<PostgresPoolClient> {
    const deadlineMs = nowMs() + patienceMs;
    const failures: StoreError[] = [];
    for (const [index, server] of startingWith(servers, preferred)) {
      try {
        const client = await server.connect(deadlineMs);
        preferred = index;
        return client.until(deadlineMs, how);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        failures.push(error);
      }
      if (nowMs() >= deadlineMs) break;
    }
    throw allOf(failures);
  }

  async function end(): Promise<void> {
    await Promise.all(servers.map((server) => server.end()));
  }

  const dialectFor = (how: Bounded): PostgresDialect =>
    new PostgresDialect({
      pool: { connect: () => connect(how), end, options: {} },
    });
  return { verbs: dialectFor("verb"), statements: dialectFor("statement"), expectHistory };
}

/** Each once with its index, as in a ring. */
function startingWith(
  servers: readonly PostgresServer[],
  first: number,
): readonly (readonly [number, PostgresServer])[] {
  const all = [...servers.entries()];
  return [...all.slice(first), ...all.slice(0, first)];
}

/** What is no matter of waiting is told as such only if no server has anything else to say. */
function allOf(failures: readonly StoreError[]): StoreError {
  const [first, ...others] = failures;
  if (first === undefined || others.length === 0) return first ?? new StoreError("unavailable", "");
  const code = others.every((error) => error.code === first.code) ? first.code : "unavailable";
  return new StoreError(code, failures.map(({ message }) => message).join(" "), {
    cause: new AggregateError(failures),
  });
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

const int8: number = pg.types.builtins.INT8;

/** Our 64-bit integers are milliseconds and counters, far below 2^53. */
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format);
