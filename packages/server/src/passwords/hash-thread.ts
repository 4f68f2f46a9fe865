// Runs in a thread of its own: one hash after the other.
import { type Algorithm, hashSync } from "@node-rs/argon2";
import { parentPort } from "node:worker_threads";
import { readStoredHash } from "./stored-hash.ts";

export interface HashParameters {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly algorithm?: Algorithm;
}

/** Without a `stored` hash to compare with, makes one. */
export type HashJob =
  | { readonly password: string; readonly parameters: HashParameters }
  | { readonly password: string; readonly stored: string };

/** What comes back: a PHC string, or whether the password has it; and how long that took. */
export type HashResult =
  | { readonly value: string | boolean; readonly tookMs: number }
  | { readonly error: unknown };

const port = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
port?.on("message", (job: HashJob) => port.postMessage(resultOf(job)));

function resultOf(job: HashJob): HashResult {
  const startedMs = performance.now();
  try {
    const value =
      "stored" in job
        ? readStoredHash(job.stored)?.isOf(job.password) === true
        : hashSync(job.password, { ...job.parameters });
    return { value, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { error };
  }
}
