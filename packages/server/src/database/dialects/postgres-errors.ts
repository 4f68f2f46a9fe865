// What PostgreSQL, or the way to it, refused with, as our own error: where, and in its own words.

import pg from "pg";
import { StoreError } from "../errors.ts";

/**
 * SQLSTATEs that pass by themselves (PostgreSQL, Appendix A): 08 connection, 25P03 idle in a
 * transaction, 25006 read-only after a failover, 40 rolled back, 53 out of resources, 55P03 lock
 * not available, 57 operator intervention (shutdown, cancelled by a timeout), 58 system error.
 */
const passing = /^(?:08|25P03|25006|40|53|55P03|57|58)/;

export interface PostgresErrors {
  /** Whatever kept us from a connection: who runs the server has to hear of it. */
  ofConnecting(error: unknown): StoreError;
  /** Trouble of the database; what is left is a fault of ours and stays as it is. */
  ofStatement(error: unknown): unknown;
  /** A commit that somebody told the primary not to hold back until its synchronous standby has it. */
  ofUnreplicated(): StoreError;
}

/** `place` is the host and port that the messages name. */
export function createPostgresErrors(place: string): PostgresErrors {
  function unavailable(error: unknown): StoreError {
    return new StoreError("unavailable", explanationOf(error, place), { cause: error });
  }
  return {
    ofConnecting: (error) => (error instanceof StoreError ? error : unavailable(error)),
    ofStatement(error) {
      if (error instanceof StoreError) return error;
      if (error instanceof pg.DatabaseError && !passing.test(error.code ?? "")) return error;
      return unavailable(error);
    },
    ofUnreplicated: () =>
      new StoreError(
        "unavailable",
        `PostgreSQL at ${place} stopped waiting for its synchronous standby: what was written may be lost with this server.`,
      ),
  };
}

/** Whether a pooler refused what only PostgreSQL itself knows. */
export function isStartupParameterRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.message.includes("unsupported startup parameter");
}

/** What can only be mended by who runs the server is told apart from what passes. */
function explanationOf(error: unknown, place: string): string {
  const code = codeOf(error);
  if (/^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/.test(code)) {
    return `PostgreSQL at ${place}: its certificate is not accepted (${code}). The certificate of its authority goes into the URL as sslrootcert=PATH.`;
  }
  const reason = reasonOf(error);
  if (reason === "The server does not support SSL connections") {
    return `PostgreSQL at ${place} takes no TLS here. To send passwords and tokens over the network in plain text, say sslmode=disable in the URL.`;
  }
  return `PostgreSQL at ${place} cannot be used at the moment: ${reason}.`;
}

/** One line; neither the server nor the system ever repeats a password. */
function reasonOf(error: unknown): string {
  // Where a name has several addresses, the error of them all says nothing itself.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { message } = first instanceof Error ? first : { message: "" };
  const line = message.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
  return line === "" ? codeOf(error) || "no reason was given" : line.slice(0, 300);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
