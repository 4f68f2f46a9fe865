// Buckets and throttling for tests, on a clock that moves only when told to.
import { randomBytes } from "node:crypto";
import type { Buckets } from "../../src/throttling/buckets.ts";
import { onTestFinished } from "vitest";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { openBuckets } from "../../src/throttling/open.ts";
import { createThrottling, type Throttling, type ThrottlingLimits } from "../../src/throttling/throttling.ts";
import { createThrottlingTrail } from "../../src/throttling/trail.ts";
import type { Store } from "../database/store.ts";

export const defaultLimits: ThrottlingLimits = {
  guessesPerSource: 100,
  guessesPerAccount: 10,
  guessesInARow: 100,
  signupsPerSource: 100,
};

function rethrow(error: unknown): never {
  throw error;
}

/** The buckets of each instance; of SQLite, the one process that may have the file. */
export async function bucketsOf(
  instances: readonly Store[],
  nowMs: () => number,
  maxBuckets?: number,
): Promise<Buckets[]> {
  const options = { onError: rethrow, nowMs, maxBuckets };
  const [first] = instances;
  if (first?.dialect !== "sqlite")
    return Promise.all(instances.map(({ database }) => openBuckets(database, options)));
  const shared = await openBuckets(first.database, options);
  return instances.map(() => shared);
}

export interface ThrottlingUnderTest {
  readonly throttling: Throttling;
  /** Resolves when the trail has all that it was told. */
  readonly settle: () => Promise<void>;
}

export const secret = createMasterKey(randomBytes(32)).derive("throttling");

export function throttlingOn(
  store: Store,
  buckets: Buckets,
  limits: Partial<ThrottlingLimits> = {},
  // However slow the machine is.
  patienceMs = 600_000,
): ThrottlingUnderTest {
  const trail = createThrottlingTrail({
    record: (event) => store.database.record(event),
    userIdOf: async (addressKey) => (await store.accounts.findByEmail(addressKey))?.account.id,
    onError: rethrow,
  });
  const throttling = createThrottling({
    buckets,
    secret,
    limits: { ...defaultLimits, ...limits },
    onEdge: (edge, about) => trail.tell(edge, about),
    onError: rethrow,
    patienceMs,
  });
  // Before the store closes, which was asked for earlier.
  onTestFinished(() => trail.settle());
  return { throttling, settle: () => trail.settle() };
}

/** For tests of accounts that are about something else. */
export const unthrottled: Pick<Throttling, "guess" | "signup"> = {
  guess: (_guesser, check) => check(performance.now() + 2000),
  signup: (_origin, make) => make(),
};
