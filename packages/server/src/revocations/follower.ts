// This instance's copy of the revocation log, kept up with the store: what requests are judged by
// and the feed is read from.
import { setTimeout as sleep } from "node:timers/promises";
import { type Revocation, RevocationList, type ListedRevocations } from "@countersign/verifier";
import type { RevocationEntry } from "../database/revocation-entry.ts";
import type { NumberedRevocation, RevocationLog, RevocationsSince } from "./store.ts";
import type { Database } from "../database/database.ts";

export interface RevocationFollowerOptions {
  readonly log: Pick<RevocationLog, "snapshot" | "since">;
  /** Where this instance commits. */
  readonly database: Pick<Database, "onRevocations">;
  /**
   * Told when the store cannot be read any more, and when it can again; in between it is tried on
   * and on.
   */
  readonly onStore?: ((state: "lost" | "back", error?: unknown) => void) | undefined;
  /**
   * How many entries are kept in memory for subscribers that resume; older ones are read from the
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
  /** Resolves when it is so. @throws StoreError `unavailable` */
  readonly complete: () => Promise<void>;
  /**
   * All that is in force.
   *
   * @throws StoreError `unavailable`: an old list must not pass for a new one
   */
  readonly snapshot: () => Promise<ListedRevocations>;
  /**
   * The next entries after `cursor`, some hundreds at most, or `reset` if they are not to be had
   * without a gap.
   *
   * @throws StoreError
   */
  readonly since: (cursor: number) => Promise<RevocationsSince>;
  /**
   * Resolves when there may be something new, after `timeoutMs`, or when the signal is aborted.
   * Never rejects.
   */
  readonly changed: (timeoutMs: number, signal: AbortSignal) => Promise<void>;
  /** The sequence number up to which the copy goes. */
  readonly cursor: () => number;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
}

/** How often the store is asked for what other instances committed. */
const pollIntervalMs = 100;
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
  // It forgets by the clock, and one that jumps ahead would make it forget what still counts; one
  // that was ahead at our start, too. So it is as late as both clocks, the one that can be set and
  // the one that cannot, agree on.
  const startedAtMs = dateMs() - nowMs();
  const list = new RevocationList({
    now: () => Math.floor(Math.min(dateMs(), startedAtMs + nowMs()) / 1000),
  });
  const waiting = new Set<() => void>();
  let cursor = 0;
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
      list.apply(revocationOf(numbered.entry), String(numbered.seq));
      kept.push(numbered);
      cursor = numbered.seq;
    }
    if (kept.length > 2 * keptEntries) kept = kept.slice(-keptEntries);
  }

  async function catchUp(): Promise<void> {
    for (;;) {
      const askedAtMs = nowMs();
      const next = await log.since(cursor, pageSize);
      if (next.outcome === "reset") await takeSnapshot();
      else append(next.entries);
      if (next.outcome === "reset" || next.entries.length > 0) wakeSubscribers();
      if (next.outcome === "entries" && next.entries.length < pageSize) {
        completeAtMs = askedAtMs;
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

  function wakeSubscribers(): void {
    for (const wake of waiting) wake();
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
      await pause(Math.min(pollIntervalMs * 2 ** failures, longestPauseMs));
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

  async function complete(): Promise<void> {
    if (!isComplete()) await poll();
  }

  async function since(after: number): Promise<RevocationsSince> {
    // Another instance may have told more than we have heard of yet.
    if (after > cursor) await poll();
    if (after > cursor) return { outcome: "reset", cursor };
    if (after < cursor - kept.length) return log.since(after, pageSize);
    const start = kept.length - (cursor - after);
    const entries = kept.slice(start, start + pageSize);
    return { outcome: "entries", entries, cursor: entries.at(-1)?.seq ?? after };
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
    complete,
    since,
    cursor: () => cursor,
    isClosed: () => closing.signal.aborted,
    async snapshot() {
      await complete();
      return { ...list.snapshot(), cursor: String(cursor) };
    },
    changed(timeoutMs, signal) {
      return new Promise((resolve) => {
        const timer = setTimeout(done, timeoutMs).unref();
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        }
        if (closing.signal.aborted || signal.aborted) return done();
        waiting.add(done);
        signal.addEventListener("abort", done);
      });
    },
    async close() {
      closing.abort();
      wake();
      wakeSubscribers();
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
