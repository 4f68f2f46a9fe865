// This instance's copy of the revocation log, kept up with the store: what requests are judged by
// and the feed is read from.
import { setTimeout as sleep } from "node:timers/promises";
import { type Revocation, RevocationList } from "@countersign/verifier";
import { StoreError } from "../database/errors.ts";
import type { RevocationEntry } from "../database/revocation-entry.ts";
import { type Cursor, cursorText } from "./cursor.ts";
import type { NumberedRevocation, RevocationLog, RevocationsSince } from "./store.ts";
import type { Database } from "../database/database.ts";

export interface RevocationFollowerOptions {
  readonly log: Pick<RevocationLog, "snapshot" | "since">;
  /** Where this instance commits. */
  readonly database: Pick<Database, "onRevocations" | "dialect">;
  /**
   * Told when the store cannot be read any more, and when it can again; in between it is tried on
   * and on.
   */
  readonly onStore?: ((state: "lost" | "back", error?: unknown) => void) | undefined;
  /**
   * How many entries are kept in memory for followers that resume; older ones are read from the
   * store.
   */
  readonly keptEntries?: number | undefined;
  /** Milliseconds of any clock that never goes back. */
  readonly nowMs?: (() => number) | undefined;
  /** Milliseconds since the epoch, of a clock that can be set. */
  readonly dateMs?: (() => number) | undefined;
}

export interface RevocationFollower {
  /**
   * Holds every revocation that this instance committed before its cause is acknowledged, and
   * others' a moment later.
   */
  readonly list: RevocationList;
  /**
   * Whether nothing committed more than a second ago is missing here, as far as the store could be
   * asked.
   */
  readonly isComplete: () => boolean;
  /** How long ago the store was asked that told of all there was. */
  readonly lagMs: () => number;
  /** Resolves when it is so. @throws StoreError `unavailable` */
  readonly complete: () => Promise<void>;
  /**
   * The next entries after `cursor`, some hundreds at most, or `reset` if they are not to be had
   * without a gap.
   *
   * @throws StoreError
   */
  readonly since: (cursor: Cursor) => Promise<RevocationsSince>;
  /** The same from memory alone; undefined where that would ask the store. */
  readonly recent: (cursor: Cursor) => readonly NumberedRevocation[] | undefined;
  /**
   * Calls `listener` when there is something new, and when this is closed. Returns the way to stop.
   */
  readonly onChange: (listener: () => void) => () => void;
  /** Up to where in the log the copy goes. */
  readonly cursor: () => Cursor;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
}

/** How often the store is asked for what other instances committed. SQLite has none: this one is told at once. */
const pollIntervalMs = { postgres: 50, sqlite: 250 } as const;
/** After a commit of our own, for the others of the same moment to come along. */
const gatherMs = 10;
/** While the store is lost, attempts come at most this far apart. */
const longestPauseMs = 1000;
/** An older view of the store is not vouched for. */
const completeForMs = 1000;
const pageSize = 500;

/** Reads all that is in force now, and follows the store until closed. @throws StoreError */
export async function followRevocations(options: RevocationFollowerOptions): Promise<RevocationFollower> {
  const { log, database, onStore = () => undefined, keptEntries = 10_000 } = options;
  const { nowMs = () => performance.now(), dateMs = () => Date.now() } = options;
  const everyMs = pollIntervalMs[database.dialect];
  // It forgets by the clock, and one that jumps ahead would make it forget what still counts; one
  // that was ahead at our start, too. So it is as late as both clocks, the one that can be set and
  // the one that cannot, agree on.
  const startedAtMs = dateMs() - nowMs();
  const list = new RevocationList({
    now: () => Math.floor(Math.min(dateMs(), startedAtMs + nowMs()) / 1000),
  });
  const listeners = new Set<() => void>();
  let cursor: Cursor = { epoch: "", number: 0 };
  /** The entries just before and up to `cursor`, without gaps. */
  let kept: NumberedRevocation[] = [];
  let completeAtMs = Number.NEGATIVE_INFINITY;
  let polling: Promise<void> | undefined;
  let interruptPause: (() => void) | undefined;
  let woken = false;
  const closing = new AbortController();

  /** Adds to what is known, and drops nothing: what was refused here once stays refused. */
  async function takeSnapshot(): Promise<void> {
    const snapshot = await log.snapshot();
    if (snapshot.tokensBefore !== null) list.apply({ tokens_before: snapshot.tokensBefore });
    for (const kid of snapshot.keys) list.apply({ kid });
    for (const session of snapshot.sessions) list.apply(revocationOf(session));
    cursor = snapshot.cursor;
    kept = [];
  }

  function append(entries: readonly NumberedRevocation[]): void {
    for (const numbered of entries) {
      cursor = { epoch: cursor.epoch, number: numbered.seq };
      list.apply(revocationOf(numbered.entry), cursorText(cursor));
      kept.push(numbered);
    }
    if (kept.length > 2 * keptEntries) kept = kept.slice(-keptEntries);
  }

  async function catchUp(): Promise<void> {
    for (;;) {
      const askedAtMs = nowMs();
      const next = await log.since(cursor, pageSize);
      if (next.outcome === "reset") await takeSnapshot();
      else append(next.entries);
      if (next.outcome === "reset" || next.entries.length > 0) tellListeners();
      if (next.outcome === "entries" && next.entries.length < pageSize) {
        // Nothing is known of what is committed and waits for its number.
        completeAtMs = askedAtMs - (next.waitingMs ?? 0);
        return;
      }
    }
  }

  function poll(): Promise<void> {
    polling ??= catchUp().finally(() => {
      polling = undefined;
    });
    return polling;
  }

  function tellListeners(): void {
    for (const listener of listeners) listener();
  }

  function wake(): void {
    woken = true;
    interruptPause?.();
  }

  async function pause(durationMs: number): Promise<void> {
    if (woken) return;
    await new Promise<void>((resolve) => {
      interruptPause = resolve;
      setTimeout(resolve, durationMs).unref();
    });
    interruptPause = undefined;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      await pause(Math.min(everyMs * 2 ** failures, longestPauseMs));
      if (woken) await sleep(gatherMs, undefined, { ref: false });
      woken = false;
      try {
        await poll();
        if (failures > 0) onStore("back");
        failures = 0;
      } catch (error) {
        if (failures === 0) onStore("lost", error);
        failures += 1;
      }
    }
  }

  const isComplete = (): boolean => nowMs() - completeAtMs <= completeForMs;

  const lagMs = (): number => Math.max(nowMs() - completeAtMs, 0);

  async function complete(): Promise<void> {
    if (isComplete()) return;
    await poll();
    if (!isComplete())
      throw new StoreError("unavailable", "Revocations wait to be numbered, so the list would not be whole.");
  }

  function isAhead({ epoch, number }: Cursor): boolean {
    return epoch !== cursor.epoch || number > cursor.number;
  }

  function recent(after: Cursor): readonly NumberedRevocation[] | undefined {
    const missing = cursor.number - after.number;
    if (isAhead(after) || missing > kept.length) return undefined;
    const start = kept.length - missing;
    return kept.slice(start, start + pageSize);
  }

  async function since(after: Cursor): Promise<RevocationsSince> {
    // Another instance may have told more than we have heard of yet.
    if (isAhead(after)) await poll();
    if (isAhead(after)) return { outcome: "reset", cursor };
    const entries = recent(after);
    if (entries === undefined) return log.since(after, pageSize);
    return {
      outcome: "entries",
      entries,
      cursor: { epoch: after.epoch, number: entries.at(-1)?.seq ?? after.number },
    };
  }

  await takeSnapshot();
  await poll();
  const stopListening = database.onRevocations((entries) => {
    for (const entry of entries) list.apply(revocationOf(entry));
    wake();
  });
  const running = run();

  return {
    list,
    isComplete,
    lagMs,
    complete,
    since,
    recent,
    cursor: () => cursor,
    isClosed: () => closing.signal.aborted,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closing.abort();
      wake();
      tellListeners();
      await running;
      stopListening();
    },
  };
}

/** An entry of the log as the feed tells it. */
export function revocationOf(entry: RevocationEntry): Revocation {
  if ("kid" in entry) return { kid: entry.kid };
  const times = { tokens_before: entry.tokensBefore };
  return "sid" in entry ? { sid: entry.sid, ...times, expires_at: entry.expiresAt } : times;
}
