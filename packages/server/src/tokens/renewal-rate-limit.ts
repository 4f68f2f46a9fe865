// How often one session may be renewed: a client that renews in a loop must not keep the database
// busy (RR-10).
import { ServiceError } from "../errors.ts";
import type { RefreshToken } from "./refresh-token.ts";

export interface RenewalRateLimit {
  /**
   * Counts one renewal of the token's session, or refuses it.
   *
   * @throws ServiceError `too_many_renewals`
   */
  admit(token: RefreshToken): void;
}

export interface RenewalRateLimitOptions {
  /**
   * How many in the long run; four minutes' worth of them may come at once. `null`: as many as
   * come.
   */
  readonly perMinute: number | null;
  /** How many sessions are remembered, in about 200 bytes each. Default 100,000. */
  readonly maxSessions?: number | undefined;
  /** Milliseconds of a clock that never goes back; only differences matter. */
  readonly nowMs?: (() => number) | undefined;
}

const burstMs = 4 * 60_000;

/**
 * A leaking bucket, kept as the time when it will be empty: the generic cell rate algorithm of
 * ITU-T I.371.
 */
class Bucket {
  #emptyAtMs = Number.NEGATIVE_INFINITY;

  /** Takes a place and returns 0, or takes none and returns the milliseconds until there is one. */
  take(nowMs: number, placeMs: number): number {
    const emptyAtMs = Math.max(nowMs, this.#emptyAtMs) + placeMs;
    const overMs = emptyAtMs - nowMs - burstMs;
    // Less than a millisecond is rounding.
    if (overMs >= 1) return overMs;
    this.#emptyAtMs = emptyAtMs;
    return 0;
  }
}

/** What is remembered of a session. */
interface Renewals {
  readonly onward: Bucket;
  /** The newest generation that had a place. */
  newest: number;
  /** For older generations than that, each of which will be taken for reuse. */
  readonly back: Bucket;
}

/**
 * Looking and counting are one synchronous step, so no two renewals share a place; a refused one
 * writes nothing down, so to wait as long as told is enough. A thief who renews in a loop cannot
 * hide that way: older tokens are counted apart, so the owner's still reaches the store, which ends
 * the session.
 *
 * Only tokens that this server wrote may come here: who could name sessions at will could push
 * others out. Of `maxSessions` the half that came last is always remembered; a forgotten session
 * has empty buckets again.
 */
export function createRenewalRateLimit(options: RenewalRateLimitOptions): RenewalRateLimit {
  const { perMinute, maxSessions = 100_000, nowMs = () => performance.now() } = options;
  if (perMinute === null) return { admit: () => {} };
  const placeMs = 60_000 / perMinute;
  // Two generations: to find the oldest entry of one Map costs a walk over all that were deleted
  // before it.
  let young = new Map<string, Renewals>();
  let old = new Map<string, Renewals>();

  function renewalsOf(sid: string): Renewals {
    const known = young.get(sid);
    if (known !== undefined) return known;
    const renewals = old.get(sid) ?? { onward: new Bucket(), newest: 0, back: new Bucket() };
    if (young.size >= maxSessions / 2) {
      old = young;
      young = new Map();
    }
    young.set(sid, renewals);
    return renewals;
  }

  return {
    admit({ sid, generation }) {
      const renewals = renewalsOf(sid);
      const bucket = generation < renewals.newest ? renewals.back : renewals.onward;
      const waitMs = bucket.take(nowMs(), placeMs);
      if (waitMs > 0)
        throw new ServiceError("too_many_renewals", { retryAfterSeconds: Math.ceil(waitMs / 1000) });
      renewals.newest = Math.max(renewals.newest, generation);
    },
  };
}
