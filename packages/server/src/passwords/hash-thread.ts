// Runs in a thread of its own: one hash after the other.
import { type Algorithm, hashSync, verifySync } from "@node-rs/argon2";
import { parentPort } from "node:worker_threads";

export interface HashParameters {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly algorithm?: Algorithm;
}

/** Without a `phc` to compare with, makes one. */
export type HashJob =
  | { readonly password: string; readonly parameters: HashParameters }
  | { readonly password: string; readonly phc: string };

/** What comes back: the PHC string, or whether the password has it; and how long that took. */
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
      "phc" in job ? verifySync(job.phc, job.password) : hashSync(job.password, { ...job.parameters });
    return { value, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { error };
  }
}
