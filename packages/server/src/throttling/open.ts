// Where buckets are kept: in rows that all instances share, or in the memory of the only one.
import type { Database } from "../database/database.ts";
import type { Buckets } from "./buckets.ts";
import { createBucketFile } from "./file-store.ts";
import { createMemoryBuckets } from "./memory-buckets.ts";
import { withRememberedRefusals } from "./remembered-refusals.ts";
import { createStoredBuckets } from "./store.ts";

export interface OpenBucketsOptions {
  readonly onError: (error: unknown) => void;
  readonly maxBuckets?: number | undefined;
  /** A test's clock in place of the system's. */
  readonly nowMs?: (() => number) | undefined;
}

/** @throws StoreError */
export async function openBuckets(database: Database, options: OpenBucketsOptions): Promise<Buckets> {
  if (database.dialect === "sqlite")
    return createMemoryBuckets({ ...options, file: createBucketFile(database) });
  return withRememberedRefusals(createStoredBuckets(database, options), options.nowMs);
}
