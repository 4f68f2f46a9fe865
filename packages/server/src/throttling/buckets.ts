// Buckets of attempts: what each of them is, and the verbs on them.

export interface Limit {
  /** How many attempts may come at once. */
  readonly atOnce: number;
  /** After how long each of them has a free place again. */
  readonly intervalMs: number;
  /** How many wrong ones may follow each other without a right one; undefined: that is not counted. */
  readonly inARow?: number | undefined;
}

/** A place that an attempt took before its outcome was known. */
export interface Place {
  readonly key: string;
  readonly limit: Limit;
  /** On the clock of whoever took it. */
  readonly takenAtMs: number;
  /** Which one in a row the attempt is, should it turn out wrong; 0 where that is not counted. */
  readonly inARow: number;
}

export type Taken =
  | { readonly outcome: "taken"; readonly place: Place }
  | {
      readonly outcome: "refused";
      /** Undefined: however long one waits, no further one in a row is taken. */
      readonly waitMs: number | undefined;
      /** Exactly one refusal is the first, from when a bucket begins to refuse to when it is empty. */
      readonly isFirst: boolean;
    };

/** Whose limit it is stays out of it: a key is a text, at most 23 characters long. */
export interface Buckets {
  /**
   * Takes a place, or takes none and says when there will be one. Looking and taking are one step,
   * for all instances together, so that no two attempts share a place.
   */
  take(key: string, limit: Limit): Promise<Taken>;
  /**
   * The attempt was no wrong guess. Its place is free again, unless it has become free by itself
   * meanwhile: that place would be one too many. A right guess ends the row of wrong ones, too.
   */
  giveBack(place: Place, guess: "right" | "none"): Promise<void>;
  /** Forgets all that was counted. How many wrong ones in a row there were; undefined: nothing was counted. */
  forget(key: string): Promise<number | undefined>;
  /** Forgets what cannot matter any more. Returns how many buckets. */
  prune(signal?: AbortSignal): Promise<number>;
  start(): void;
  /** Resolves when all that was counted is kept. */
  stop(): Promise<void>;
}

/** Those in a row are remembered for so long after the last attempt. */
export const rowIdleMs: number = 30 * 86_400_000;

/** What is closed notes at most so often that somebody still tries: refusals are to cost little. */
export const noteClosedEveryMs = 86_400_000;

/** How many buckets are kept on PostgreSQL: some hundred megabytes of disk. */
export const maxStoredBuckets = 1_000_000;
/** And in memory, on SQLite: about 200 bytes each. */
export const maxMemoryBuckets = 200_000;

/** How far ahead of now a full bucket is empty. */
export function depthMs({ atOnce, intervalMs }: Limit): number {
  return atOnce * intervalMs;
}

/** In a bucket of many accounts a row of wrong guesses is nobody's. */
export function sharedLimitOf({ atOnce, intervalMs }: Limit): Limit {
  return { atOnce, intervalMs };
}
