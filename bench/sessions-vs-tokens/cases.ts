/** What is compared, and what comes of it. */

/** How the API knows who asks: by a token, or by a cookie whose session is kept in memory or in a database. */
export type Method = "token" | "memory" | "sqlite" | "postgres";

export interface SessionsCase {
  readonly method: Method;
  readonly instances: number;
}

export interface Result extends SessionsCase {
  readonly bench: "sessions-vs-tokens";
  readonly case: string;
  readonly live_sessions: number;
  readonly requests_per_second: number;
  /** Of all instances, and of the database server where there is one. */
  readonly cpu_us_per_request: number;
  readonly p99_ms: number;
  /** Resident, of all instances together; the database server's is not in it. */
  readonly memory_mb: number;
  readonly statements_per_request: number;
}

/**
 * Sessions in the memory of one process are not known to another, and a SQLite file belongs to one process: there is
 * nothing to measure for several instances of these.
 */
export const cases: readonly SessionsCase[] = [
  { method: "token", instances: 1 },
  { method: "memory", instances: 1 },
  { method: "sqlite", instances: 1 },
  { method: "postgres", instances: 1 },
  { method: "token", instances: 2 },
  { method: "postgres", instances: 2 },
  { method: "token", instances: 4 },
  { method: "postgres", instances: 4 },
];

export const titles: Readonly<Record<Method, string>> = {
  token: "token",
  memory: "cookie, memory",
  sqlite: "cookie, SQLite",
  postgres: "cookie, PostgreSQL",
};
