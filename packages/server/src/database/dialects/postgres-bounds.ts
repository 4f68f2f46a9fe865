// How long PostgreSQL lets us wait, that it is the primary, and of the cluster that we know: asked once for a connection
// of our own, and behind a pooler for each transaction.

import { StoreError } from "../errors.ts";

/** What a connection of our own says when it starts; no pooler passes that on. */
export function startupBounds(serverMs: number): Readonly<Record<BoundName, number>> {
  return {
    statement_timeout: serverMs,
    lock_timeout: serverMs,
    // A frozen instance must not keep the journal's row from the others.
    idle_in_transaction_session_timeout: serverMs,
  };
}

const boundNames = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] as const;
type BoundName = (typeof boundNames)[number];

/** A standby answers with what was true a moment, or an hour, ago: an ended session would live there. */
const isReadOnly = "(pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on')";

const milliseconds = boundNames.map(
  (name) => `(extract(epoch from current_setting('${name}')::interval) * 1000)::integer`,
);

export interface ConnectionFacts {
  readonly is_read_only: boolean;
  readonly bounds_ms: readonly number[];
  readonly cluster: string | null;
}

/** Which server a connection must lead to. */
export interface ExpectedServer {
  /** Host and port, for messages. */
  readonly place: string;
  /** Its system identifier; undefined before it is known, and where PostgreSQL does not tell it. */
  readonly cluster: string | undefined;
}

/** Whoever may not be asked for it is not asked. */
export const clusterNow = "(select system_identifier::text from pg_control_system())";

/** Asked on every new connection of our own; one row of `ConnectionFacts`. */
export function connectionQuestion({ cluster }: Pick<ExpectedServer, "cluster">): string {
  const asked = cluster === undefined ? "null" : clusterNow;
  return `select ${isReadOnly} as is_read_only, array[${milliseconds.join(", ")}] as bounds_ms, ${asked} as cluster`;
}

/** Whether what we said when we connected has arrived: if not, a pooler stands in between. */
export function areBoundsKept({ bounds_ms: bounds }: ConnectionFacts, serverMs: number): boolean {
  return bounds.length === boundNames.length && bounds.every((ms) => ms === serverMs);
}

/** Begins a transaction behind a pooler, with its bounds and the question; the last result is `ConnectionFacts`. */
export function boundedBeginning(begin: string, serverMs: number, expected: ExpectedServer): string {
  const bounds = boundNames.map((name) => `set local ${name} = ${serverMs}`);
  return [begin, ...bounds, connectionQuestion(expected)].join("; ");
}

/** @throws StoreError `unavailable` for a standby, `unknown_history` for another cluster */
export function requireServer(facts: ConnectionFacts | undefined, { place, cluster }: ExpectedServer): void {
  if (facts?.is_read_only !== false)
    throw new StoreError(
      "unavailable",
      `PostgreSQL at ${place} is read-only, a standby for example. The URL must lead to the primary.`,
    );
  if (cluster !== undefined && facts.cluster !== cluster)
    throw new StoreError(
      "unknown_history",
      `PostgreSQL at ${place} is another cluster than before: what happened since it was copied is not known there. ` +
        "Run: countersign restored (with --keep-sessions after pg_upgrade), then start again.",
    );
}
