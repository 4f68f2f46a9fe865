// Freshness: a process that stood still must not act on what it was asked before.

import { StoreError } from "./errors.ts";

/**
 * Judges how old a request is, on the database's clock.
 *
 * A process can be frozen for a minute (a stopped container, a stalled host) with requests in its sockets and verbs half
 * done, while their clients have long gone elsewhere. When it wakes, whatever it was asked before is refused: what lay
 * in its sockets because the event loop stood still, and what was under way because every verb carries a deadline that
 * the database itself compares with its clock. The offset between that clock and ours is learned from every answer.
 */
export class Freshness {
  readonly #lifetimeMs: number;
  readonly #nowMs: (() => number) | undefined;
  readonly #heartbeat: NodeJS.Timeout;
  #offsetMs = Number.NaN;
  #lastBeatMs = performance.now();
  #awakeFromMs = 0;

  /**
   * A request may spend `lifetimeMs` here, half of it waiting to be read and half in a verb.
   * `nowMs` is a test's clock, which then stands for the database's.
   */
  constructor(lifetimeMs: number, nowMs?: () => number) {
    this.#lifetimeMs = lifetimeMs;
    this.#nowMs = nowMs;
    this.#heartbeat = setInterval(() => this.#beat(), lifetimeMs / 20).unref();
  }

  /** Learns the database's clock from an answer. */
  observe(databaseNowMs: number): void {
    this.#offsetMs = databaseNowMs - performance.now();
  }

  /**
   * The moment, on the database's clock, after which a verb that begins now must change nothing.
   *
   * @throws StoreError `unavailable` when the process has just woken and the verb may have been asked for long ago
   */
  deadline(): number {
    this.#beat();
    if (performance.now() < this.#awakeFromMs) throw stoodStill();
    const databaseNowMs = this.#nowMs?.() ?? performance.now() + this.#offsetMs;
    return Math.ceil(databaseNowMs + this.#lifetimeMs / 2);
  }

  /** @throws StoreError `unavailable` past the deadline */
  check(deadlineMs: number, databaseNowMs: number): void {
    this.observe(databaseNowMs);
    if (databaseNowMs > deadlineMs) throw stoodStill();
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  /** After a gap, refuses for a while: what was sent meanwhile is still being read from the sockets. */
  #beat(): void {
    const now = performance.now();
    if (now - this.#lastBeatMs > this.#lifetimeMs / 2) this.#awakeFromMs = now + this.#lifetimeMs / 5;
    this.#lastBeatMs = now;
  }
}

function stoodStill(): StoreError {
  return new StoreError("unavailable", "This took so long that nobody may be waiting for it any more.");
}
