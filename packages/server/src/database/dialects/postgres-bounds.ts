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
  readonly timeline: number | null;
}

/** Where in its history a cluster is, so that no server is taken that was left behind. */
export interface ServerHistory {
  /** Its system identifier. */
  readonly cluster: string;
  /** The newest that was met. */
  readonly timeline: number;
}

/** What a server is asked when it is met, and how its answer is judged. */
export interface Meeting {
  /** Answers one row of `ConnectionFacts`. */
  readonly question: () => string;
  /** @throws StoreError see `requireServer` */
  readonly judge: (facts: ConnectionFacts | undefined) => void;
}

/** Whoever may not be asked for it is not asked. */
export const clusterNow = "(select system_identifier::text from pg_control_system())";

/** Of the write-ahead log, which a standby does not write: the control file tells a promotion some time later. */
export const timelineNow =
  "(select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint)";

/** `history` is undefined before it is known, and where PostgreSQL does not tell it. */
export function connectionQuestion(history: ServerHistory | undefined): string {
  const facts = {
    is_read_only: isReadOnly,
    bounds_ms: `array[${milliseconds.join(", ")}]`,
    cluster: history === undefined ? "null" : clusterNow,
    timeline: history === undefined ? "null" : `case when not pg_is_in_recovery() then ${timelineNow} end`,
  };
  return `select ${Object.entries(facts)
    .map(([name, asked]) => `${asked} as ${name}`)
    .join(", ")}`;
}

/** Whether what we said when we connected has arrived: if not, a pooler stands in between. */
export function areBoundsKept({ bounds_ms: bounds }: ConnectionFacts, serverMs: number): boolean {
  return bounds.length === boundNames.length && bounds.every((ms) => ms === serverMs);
}

/** Begins a transaction behind a pooler, with its bounds and the question; the last result is `ConnectionFacts`. */
export function boundedBeginning(begin: string, serverMs: number, question: string): string {
  const bounds = boundNames.map((name) => `set local ${name} = ${serverMs}`);
  return [begin, ...bounds, question].join("; ");
}

/**
 * Judges the server at `place` (host and port, for messages).
 *
 * @throws StoreError `unavailable` for a standby and a primary that was replaced, `unknown_history`
 *   for another cluster
 */
export function requireServer(
  facts: ConnectionFacts | undefined,
  place: string,
  history: ServerHistory | undefined,
): void {
  if (facts?.is_read_only !== false)
    throw new StoreError(
      "unavailable",
      `PostgreSQL at ${place} is read-only, a standby for example. The URL must lead to the primary.`,
    );
  if (history === undefined) return;
  if (facts.cluster !== history.cluster)
    throw new StoreError(
      "unknown_history",
      `PostgreSQL at ${place} is another cluster than before: what happened since it was copied is not known there. ` +
        "Run: countersign restored (with --keep-sessions after pg_upgrade), then start again.",
    );
  if (facts.timeline === null || facts.timeline < history.timeline) throw replacedPrimary(place);
}

/** It still takes writes, and does not know what was written since another one took its place. */
export function replacedPrimary(place?: string): StoreError {
  const where = place === undefined ? "" : ` at ${place}`;
  return new StoreError(
    "unavailable",
    `PostgreSQL${where} is on an earlier timeline than the database was on: it is a primary that was replaced.`,
  );
}
