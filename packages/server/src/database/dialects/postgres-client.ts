// One connection as Kysely sees it: errors translated, a broken one thrown away, a verb's time limit kept.

import pg from "pg";
import type { PostgresPoolClient } from "kysely";
import { boundedBeginning, type ConnectionFacts, type Meeting } from "./postgres-bounds.ts";
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
  /** Told once, of a connection that is of no use any more, before it is released. */
  readonly onLost: () => void;
  /** Whether it is not worth keeping when it is released, as another one of its server was lost. */
  readonly isPast: () => boolean;
  /** What is left of a deadline. */
  readonly msUntil: (deadlineMs: number) => number;
  /** Names for prepared statements. */
  readonly nameOf: (text: string) => string | undefined;
  /** Set behind a pooler, where the next transaction may meet another server. */
  readonly pooled?: { readonly serverMs: number; readonly meeting: Meeting } | undefined;
}

/**
 * Statements with parameters are prepared once, by name. Behind a pooler they have no name, as it
 * may be another server that knew it; and every statement runs in a transaction, which begins with
 * the bounds and the question whether this is the primary that we know.
 */
export function boundedClient(
  client: pg.PoolClient,
  { errors, onLost, isPast, msUntil, nameOf, pooled }: ClientOptions,
): BoundedClient {
  let lost: unknown;
  let isUnreplicated = false;
  let bound: Bounded = "verb";
  let boundMs: number | undefined;
  let isInTransaction = false;

  // Its commit stays on the primary and looks like any other; only the notice says what it lacks.
  client.on("notice", ({ routine }) => {
    if (routine === "SyncRepWaitForLSN") isUnreplicated = true;
  });

  function lose(reason: unknown): void {
    if (lost !== undefined) return;
    lost = reason;
    onLost();
  }

  async function send(statement: TimedQuery): Promise<pg.QueryResult> {
    // A rollback would wait for the answer that did not come. The server undoes what a lost
    // connection leaves open.
    if (lost !== undefined) throw lost;
    const timed = boundMs === undefined ? statement : { ...statement, query_timeout: msUntil(boundMs) };
    let result: pg.QueryResult;
    try {
      result = await client.query(timed);
    } catch (error) {
      const failure = errors.ofStatement(error);
      if (endsConversation(error)) lose(failure);
      throw failure;
    }
    if (isUnreplicated) {
      lose(errors.ofUnreplicated());
      throw lost;
    }
    return result;
  }

  async function begin(
    text: string,
    { serverMs, meeting }: NonNullable<typeof pooled>,
  ): Promise<pg.QueryResult> {
    // Of several statements the driver answers a list of results.
    const answer = (await send({
      text: boundedBeginning(text, serverMs, meeting.question()),
    })) as unknown as pg.QueryResult[];
    const asked = answer.at(-1) as pg.QueryResult<ConnectionFacts>;
    try {
      meeting.judge(asked.rows[0]);
    } catch (error) {
      // Its transaction is open: the connection is thrown away with it.
      lose(error);
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
      await send({ text: "rollback" }).catch(lose);
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
    release: (destroy) => client.release(lost !== undefined || destroy === true || isPast()),
    until(deadlineMs, how) {
      boundMs = deadlineMs;
      bound = how;
      isInTransaction = false;
      return this;
    },
  };
}

/**
 * Whether the server can say nothing more on this connection: what is not its answer leaves the
 * conversation in an unknown state, and a server that is stopped (57P01 to 57P03) or takes no writes
 * any more (25006) is not the primary.
 */
function endsConversation(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(?:25006|57P0[123])$/.test(error.code ?? "");
}
