// One connection as Kysely sees it: errors translated, a broken one thrown away, a verb's time limit kept.

import pg from "pg";
import type { PostgresPoolClient } from "kysely";
import {
  boundedBeginning,
  type ConnectionFacts,
  type ExpectedServer,
  requireServer,
} from "./postgres-bounds.ts";
import type { PostgresErrors } from "./postgres-errors.ts";

/** What must be done within the time that begins when a connection is asked for. */
export type Bounded = "verb" | "statement";

/** pg takes a time for each query too, of which its types know nothing. */
export interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout?: number;
}

export interface BoundedClient extends PostgresPoolClient {
  /** Itself, for one verb, or for statements of which only the next must be done by then. */
  until(deadlineMs: number, bounded: Bounded): this;
}

export interface ClientOptions {
  readonly errors: PostgresErrors;
  /** What is left of a deadline. */
  readonly msUntil: (deadlineMs: number) => number;
  /** Names for prepared statements. */
  readonly nameOf: (text: string) => string | undefined;
  /** Set behind a pooler, where the next transaction may meet another server. */
  readonly pooled?: { readonly serverMs: number; readonly expected: () => ExpectedServer } | undefined;
}

/**
 * Statements with parameters are prepared once, by name. Behind a pooler they have no name, as it
 * may be another server that knew it; and every statement runs in a transaction, which begins with
 * the bounds and the question whether this is the primary that we know.
 */
export function boundedClient(
  client: pg.PoolClient,
  { errors, msUntil, nameOf, pooled }: ClientOptions,
): BoundedClient {
  let lost: unknown;
  let bound: Bounded = "verb";
  let boundMs: number | undefined;
  let isInTransaction = false;

  async function send(statement: TimedQuery): Promise<pg.QueryResult> {
    // A rollback would wait for the answer that did not come. The server undoes what a lost
    // connection leaves open.
    if (lost !== undefined) throw lost;
    const timed = boundMs === undefined ? statement : { ...statement, query_timeout: msUntil(boundMs) };
    try {
      return await client.query(timed);
    } catch (error) {
      const failure = errors.ofStatement(error);
      // Whatever is not an answer of the server leaves the conversation in an unknown state.
      if (!(error instanceof pg.DatabaseError)) lost = failure;
      throw failure;
    }
  }

  async function begin(
    text: string,
    { serverMs, expected }: NonNullable<typeof pooled>,
  ): Promise<pg.QueryResult> {
    const server = expected();
    // Of several statements the driver answers a list of results.
    const answer = (await send({
      text: boundedBeginning(text, serverMs, server),
    })) as unknown as pg.QueryResult[];
    const asked = answer.at(-1) as pg.QueryResult<ConnectionFacts>;
    try {
      requireServer(asked.rows[0], server);
    } catch (error) {
      // Its transaction is open: the connection is thrown away with it.
      lost = error;
      throw error;
    }
    return asked;
  }

  /** A transaction of its own for a single statement. */
  async function sendAlone(
    statement: TimedQuery,
    around: NonNullable<typeof pooled>,
  ): Promise<pg.QueryResult> {
    await begin("begin", around);
    let result: pg.QueryResult;
    try {
      result = await send(statement);
    } catch (error) {
      // What fails here marks the connection as lost, and what failed first is told.
      await send({ text: "rollback" }).catch((second: unknown) => void (lost ??= second));
      throw error;
    }
    await send({ text: "commit" });
    return result;
  }

  async function query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      if (pooled === undefined) {
        const name = values.length === 0 ? undefined : nameOf(text);
        return await send({ text, values: [...values], ...(name !== undefined && { name }) });
      }
      if (/^(?:begin|start transaction)\b/i.test(text)) {
        const begun = await begin(text, pooled);
        isInTransaction = true;
        return begun;
      }
      if (/^(?:commit|rollback|end|abort)$/i.test(text)) isInTransaction = false;
      else if (!isInTransaction) return await sendAlone({ text, values: [...values] }, pooled);
      return await send({ text, values: [...values] });
    } finally {
      if (bound === "statement") boundMs = undefined;
    }
  }

  return {
    // Kysely's type also has an overload for cursors, which need an option that we do not give.
    query: query as unknown as PostgresPoolClient["query"],
    release: (destroy) => client.release(lost !== undefined || destroy === true),
    until(deadlineMs, how) {
      boundMs = deadlineMs;
      bound = how;
      isInTransaction = false;
      return this;
    },
  };
}
