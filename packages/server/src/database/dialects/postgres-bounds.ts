// How long PostgreSQL lets us wait, and that it is the primary: asked once for a connection of our own, and behind a
// pooler for each transaction.

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

/** Asked on every new connection of our own; one row of `ConnectionFacts`. */
export const connectionQuestion: string = `select ${isReadOnly} as is_read_only, array[${milliseconds.join(", ")}] as bounds_ms`;

export interface ConnectionFacts {
  readonly is_read_only: boolean;
  readonly bounds_ms: readonly number[];
}

/** Whether what we said when we connected has arrived: if not, a pooler stands in between. */
export function areBoundsKept({ bounds_ms: bounds }: ConnectionFacts, serverMs: number): boolean {
  return bounds.length === boundNames.length && bounds.every((ms) => ms === serverMs);
}

/** Begins a transaction behind a pooler, with its bounds and the question; the last result is `ConnectionFacts`. */
export function boundedBeginning(begin: string, serverMs: number): string {
  const bounds = boundNames.map((name) => `set local ${name} = ${serverMs}`);
  return [begin, ...bounds, connectionQuestion].join("; ");
}

/** @throws StoreError `unavailable` */
export function requirePrimary(facts: ConnectionFacts | undefined, place: string): void {
  if (facts?.is_read_only === false) return;
  throw new StoreError(
    "unavailable",
    `PostgreSQL at ${place} is read-only, a standby for example. The URL must lead to the primary.`,
  );
}
