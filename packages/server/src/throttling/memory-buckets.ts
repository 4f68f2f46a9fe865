// Buckets of the one process that a SQLite database has: counted in memory, written within a second.
import {
  type Buckets,
  depthMs,
  type Limit,
  maxMemoryBuckets,
  noteClosedEveryMs,
  rowIdleMs,
  sharedLimitOf,
  type Taken,
} from "./buckets.ts";
import { sharedKeyOf } from "./keys.ts";

export interface Bucket {
  /** When all places are free again: the generic cell rate algorithm of ITU-T I.371. */
  readonly emptyAtMs: number;
  readonly inARow: number;
  readonly isTold: boolean;
}

/** Where buckets outlive the process. */
export interface BucketFile {
  load(): Promise<ReadonlyMap<string, Bucket>>;
  /** Undefined: the bucket is gone. */
  save(changes: ReadonlyMap<string, Bucket | undefined>): Promise<void>;
}

export interface MemoryBucketsOptions {
  readonly file: BucketFile;
  readonly onError: (error: unknown) => void;
  readonly maxBuckets?: number | undefined;
  /** Milliseconds since the epoch: what is written must mean the same after a restart. */
  readonly nowMs?: (() => number) | undefined;
}

const saveEveryMs = 1000;
const pruneEveryMs = 60_000;

/** @throws StoreError when they cannot be loaded */
export async function createMemoryBuckets(options: MemoryBucketsOptions): Promise<Buckets> {
  const { file, onError, maxBuckets = maxMemoryBuckets, nowMs = Date.now } = options;
  const buckets = new Map(await file.load());
  let changed = new Set<string>();
  let saving: Promise<void> = Promise.resolve();
  let timers: NodeJS.Timeout[] = [];

  function put(key: string, bucket: Bucket | undefined): void {
    if (bucket === undefined) buckets.delete(key);
    else buckets.set(key, bucket);
    changed.add(key);
  }

  async function save(): Promise<void> {
    if (changed.size === 0) return;
    const keys = changed;
    changed = new Set();
    try {
      await file.save(new Map(Array.from(keys, (key) => [key, buckets.get(key)])));
    } catch (error) {
      for (const key of keys) changed.add(key);
      onError(error);
    }
  }

  /** One after another: an older count never overwrites a newer one. */
  function saveInTurn(): Promise<void> {
    saving = saving.then(save);
    return saving;
  }

  function prune(): number {
    const now = nowMs();
    let removed = 0;
    for (const [key, { emptyAtMs, inARow }] of buckets) {
      if (emptyAtMs + (inARow > 0 ? rowIdleMs : 0) > now) continue;
      put(key, undefined);
      removed += 1;
    }
    return removed;
  }

  function take(key: string, limit: Limit, mustShare = false): Taken {
    const now = nowMs();
    const known = buckets.get(key);
    if (known === undefined && !mustShare && buckets.size >= maxBuckets)
      return take(sharedKeyOf(key), sharedLimitOf(limit), true);
    const { emptyAtMs, inARow, isTold } = known ?? { emptyAtMs: now, inARow: 0, isTold: false };
    const nextMs = Math.max(emptyAtMs, now) + limit.intervalMs;
    const isClosed = limit.inARow !== undefined && inARow >= limit.inARow;
    if (isClosed || nextMs > now + depthMs(limit)) {
      const isNoted = isTold && !(isClosed && emptyAtMs + noteClosedEveryMs <= now);
      if (!isNoted)
        put(key, { emptyAtMs: isClosed ? Math.max(emptyAtMs, now) : emptyAtMs, inARow, isTold: true });
      const waitMs = isClosed ? undefined : nextMs - now - depthMs(limit);
      return { outcome: "refused", waitMs, isFirst: !isTold };
    }
    const counted = limit.inARow === undefined ? 0 : inARow + 1;
    put(key, { emptyAtMs: nextMs, inARow: counted, isTold: isTold && emptyAtMs > now });
    return { outcome: "taken", place: { key, limit, takenAtMs: now, inARow: counted } };
  }

  return {
    take: async (key, limit) => take(key, limit),

    async giveBack({ key, limit, takenAtMs }, guess) {
      const bucket = buckets.get(key);
      if (bucket === undefined) return;
      const isYoung = nowMs() < takenAtMs + limit.intervalMs;
      put(key, {
        ...bucket,
        emptyAtMs: bucket.emptyAtMs - (isYoung ? limit.intervalMs : 0),
        inARow: guess === "right" ? 0 : Math.max(bucket.inARow - 1, 0),
      });
    },

    async forget(key) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) put(key, undefined);
      return bucket?.inARow;
    },

    prune: async () => prune(),

    start() {
      timers = [
        setInterval(() => void saveInTurn(), saveEveryMs).unref(),
        setInterval(prune, pruneEveryMs).unref(),
      ];
    },

    async stop() {
      for (const timer of timers) clearInterval(timer);
      await saveInTurn();
    },
  };
}
