// The stall guard: a process that stood still must not act on what it was asked before.

import { StoreError } from "./errors.ts";

export interface StallGuardOptions {
  /** A request may spend this long here, half of it waiting to be read and half in a verb. */
  readonly requestLifetimeMs: number;
  /** A test's clock in place of the database's, in milliseconds since the epoch. */
  readonly databaseNowMs?: (() => number) | undefined;
  /** Milliseconds of a clock of this process that never goes back. */
  readonly nowMs?: (() => number) | undefined;
}

/**
 * Judges how old a request is, on the database's clock.
 *
 * A process can be frozen for a minute (a stopped container, a stalled host) with requests in its
 * sockets and verbs half done, while their clients have long gone elsewhere. When it wakes,
 * whatever it was asked before is refused: what lay in its sockets because the event loop stood
 * still, and what was under way because every verb carries a deadline that the database itself
 * compares with its clock. The offset between that clock and ours is learned from every answer.
 */
export interface StallGuard {
  /** Learns the database's clock from an answer. */
  observe(databaseNowMs: number): void;
  /**
   * The moment, on the database's clock, after which a verb that begins now must change nothing.
   *
   * @throws StoreError `unavailable` when the process has just woken and the verb may have been
   *   asked for long ago
   */
  deadline(): number;
  /** From a start that is over: nothing was asked before, so that whatever stood still until now was no request. */
  begin(): void;
  /** @throws StoreError `unavailable` past the deadline */
  check(deadlineMs: number, databaseNowMs: number): void;
  close(): void;
}

export function createStallGuard(options: StallGuardOptions): StallGuard {
  const { requestLifetimeMs, databaseNowMs, nowMs = () => performance.now() } = options;
  let offsetMs = Number.NaN;
  let lastBeatMs = nowMs();
  let awakeFromMs = 0;

  /**
   * After a gap, refuses for a while: what was sent meanwhile is still being read from the sockets.
   */
  function beat(): void {
    const now = nowMs();
    if (now - lastBeatMs > requestLifetimeMs / 2) awakeFromMs = now + requestLifetimeMs / 5;
    lastBeatMs = now;
  }

  function observe(nowOfDatabaseMs: number): void {
    offsetMs = nowOfDatabaseMs - nowMs();
  }

  const heartbeat = setInterval(beat, requestLifetimeMs / 20).unref();

  return {
    observe,

    deadline() {
      beat();
      if (nowMs() < awakeFromMs) throw stoodStill();
      return Math.ceil((databaseNowMs?.() ?? nowMs() + offsetMs) + requestLifetimeMs / 2);
    },

    begin() {
      lastBeatMs = nowMs();
      awakeFromMs = 0;
    },

    check(deadlineMs, nowOfDatabaseMs) {
      observe(nowOfDatabaseMs);
      if (nowOfDatabaseMs > deadlineMs) throw stoodStill();
    },

    close() {
      clearInterval(heartbeat);
    },
  };
}

function stoodStill(): StoreError {
  return new StoreError("unavailable", "This took so long that nobody may be waiting for it any more.");
}
