// One PostgreSQL server: its connections, our own, or by way of the pooler that stands in front of it.

import pg from "pg";
import { StoreError } from "../errors.ts";
import { areBoundsKept, type ConnectionFacts, type Meeting, startupBounds } from "./postgres-bounds.ts";
import { type BoundedClient, boundedClient, type TimedQuery } from "./postgres-client.ts";
import { createPostgresErrors, isStartupParameterRefused } from "./postgres-errors.ts";

export interface PostgresServer {
  /**
   * A connection that was found to lead to the primary when it was made.
   *
   * @throws StoreError `unavailable`, or see `Meeting`
   */
  readonly connect: (deadlineMs: number) => Promise<BoundedClient>;
  readonly end: () => Promise<void>;
}

export interface PostgresServerOptions {
  /** What its connections are made with. */
  readonly config: pg.PoolConfig & { readonly connectionString: string };
  /** After which time the server gives up a statement. */
  readonly serverMs: number;
  /** How long a new connection may take; the wait for one of the pool takes as long as `config` says. */
  readonly newConnectionMs: number;
  /** What this server is asked. */
  readonly meetingAt: (place: string) => Meeting;
  readonly msUntil: (deadlineMs: number) => number;
  readonly nameOf: (text: string) => string | undefined;
  /** Told when a connection is lost: all others may be as well. */
  readonly onLost: () => void;
}

/**
 * Bounds are said when a connection starts. Where they are refused, or do not arrive, a pooler stands
 * in between, and from then on they are said in every transaction. Nothing is connected before the
 * first `connect`.
 */
export function createPostgresServer(options: PostgresServerOptions): PostgresServer {
  const { config, serverMs, newConnectionMs, msUntil, nameOf } = options;
  const place = placeOf(config);
  const errors = createPostgresErrors(place);
  const meeting = options.meetingAt(place);
  const known = new WeakMap<pg.PoolClient, { readonly bounded: BoundedClient; readonly era: number }>();
  const direct = newPool({ ...config, ...startupBounds(serverMs) });
  let pooled: pg.Pool | undefined;
  /** Ends when a connection is lost: what was connected before then is not used again. */
  let era = 0;

  function newPool(its: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ ...its, Client: clientGivingUpAfter(newConnectionMs) });
    // Without listeners a connection that breaks would end the process; the next statement finds
    // out anyway.
    pool.on("error", ignore);
    pool.on("connect", (client) => client.on("error", ignore));
    return pool;
  }

  async function checkOut(pool: pg.Pool): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if ((known.get(client)?.era ?? era) === era) return client;
      client.release(true);
    }
  }

  function keep(client: pg.PoolClient, behindPooler: boolean): BoundedClient {
    const born = era;
    const isPast = (): boolean => born !== era;
    const bounded = boundedClient(client, {
      errors,
      msUntil,
      nameOf,
      isPast,
      onLost() {
        if (isPast()) return;
        era += 1;
        options.onLost();
      },
      ...(behindPooler && { pooled: { serverMs, meeting } }),
    });
    known.set(client, { bounded, era: born });
    return bounded;
  }

  /** Undefined where a pooler is met. */
  async function connectDirectly(deadlineMs: number): Promise<BoundedClient | undefined> {
    let client: pg.PoolClient;
    try {
      client = await checkOut(direct);
    } catch (error) {
      if (isStartupParameterRefused(error)) return undefined;
      throw errors.ofConnecting(error);
    }
    const before = known.get(client);
    if (before !== undefined) return before.bounded;
    try {
      const question: TimedQuery = {
        text: meeting.question(),
        query_timeout: Math.min(msUntil(deadlineMs), newConnectionMs),
      };
      const { rows } = await client.query<ConnectionFacts>(question);
      if (rows[0] !== undefined && !areBoundsKept(rows[0], serverMs)) {
        client.release(true);
        return undefined;
      }
      meeting.judge(rows[0]);
    } catch (error) {
      client.release(true);
      throw errors.ofConnecting(error);
    }
    return keep(client, false);
  }

  async function connectBehindPooler(pool: pg.Pool): Promise<BoundedClient> {
    try {
      const client = await checkOut(pool);
      return known.get(client)?.bounded ?? keep(client, true);
    } catch (error) {
      throw errors.ofConnecting(error);
    }
  }

  return {
    async connect(deadlineMs) {
      if (pooled === undefined) {
        const client = await connectDirectly(deadlineMs);
        if (client !== undefined) return client;
        refuseOptions(config.connectionString, place);
        pooled ??= newPool(config);
      }
      return connectBehindPooler(pooled);
    },
    async end() {
      await Promise.all([direct.end(), pooled?.end()]);
    },
  };
}

function ignore(): void {}

/** To the pool, its own limit is that of the wait for a connection as well. */
function clientGivingUpAfter(connectionTimeoutMillis: number): new (config?: pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };
}

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
