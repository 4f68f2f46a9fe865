// The revocation feed: who follows it, and what each of them is told.
import type { Revocation, ListedRevocations } from "@countersign/verifier";
import { ServiceError } from "../errors.ts";
import { type RevocationFollower, revocationOf } from "./follower.ts";

export type FeedMessage =
  /** Numbers are without gaps and begin at 1. */
  | { readonly type: "revocation"; readonly seq: number; readonly revocation: Revocation }
  /** Everything up to `cursor` was told, and there was no more a second ago. */
  | { readonly type: "heartbeat"; readonly cursor: number }
  /** What lies between is not to be had: take a snapshot. What follows are the entries after `cursor`. */
  | { readonly type: "reset"; readonly cursor: number };

export interface RevocationFeed {
  /** All that is in force. @throws StoreError `unavailable` */
  snapshot(): Promise<ListedRevocations>;
  /**
   * What happens after `cursor` (undefined: from now on), until the signal is aborted, which also gives the place free.
   * Whoever reads slowly is sent no more until they have read: nothing is buffered for them.
   *
   * @throws ServiceError `unavailable` if there are too many subscribers
   * @throws StoreError `unavailable`
   */
  subscribe(
    cursor: number | undefined,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<readonly FeedMessage[], void, undefined>>;
  /** How many follow at the moment. */
  readonly subscribers: number;
}

export interface RevocationFeedOptions {
  readonly revocations: RevocationFollower;
  /** Every verifier process is one. */
  readonly maxSubscribers?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
}

/** When the store could not be asked of late, a heartbeat that is due waits and looks again. */
const heartbeatRetryMs = 250;

export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { revocations, maxSubscribers = 1000, heartbeatIntervalMs = 5000 } = options;
  const places = new Set<AbortSignal>();

  async function* follow(
    start: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly FeedMessage[], void, undefined> {
    let position = start;
    let heartbeatAtMs = performance.now();
    while (!signal.aborted && !revocations.isClosed()) {
      const next = await revocations.since(position);
      if (next.outcome === "reset") yield [{ type: "reset", cursor: next.cursor }];
      else if (next.entries.length > 0) {
        yield next.entries.map(({ seq, entry }) => ({
          type: "revocation",
          seq,
          revocation: revocationOf(entry),
        }));
      } else {
        let pauseMs = heartbeatAtMs - performance.now();
        if (pauseMs <= 0) {
          // A heartbeat vouches for there being no more, so it is not sent on an old view.
          const isComplete = revocations.isComplete();
          if (isComplete) yield [{ type: "heartbeat", cursor: position }];
          pauseMs = isComplete ? heartbeatIntervalMs : heartbeatRetryMs;
          if (isComplete) heartbeatAtMs = performance.now() + heartbeatIntervalMs;
        }
        if (revocations.cursor() === position) await revocations.changed(pauseMs, signal);
      }
      position = next.cursor;
    }
  }

  return {
    snapshot: () => revocations.snapshot(),
    async subscribe(cursor, signal) {
      if (places.size >= maxSubscribers) {
        throw new ServiceError("unavailable", {
          detail: "Too many follow the feed here; try another instance, or later.",
          retryAfterSeconds: 5,
        });
      }
      if (!signal.aborted) {
        places.add(signal);
        signal.addEventListener("abort", () => places.delete(signal), { once: true });
      }
      await revocations.complete();
      return follow(cursor ?? revocations.cursor(), signal);
    },
    get subscribers() {
      return places.size;
    },
  };
}
