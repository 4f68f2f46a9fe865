// Runs in a thread of its own: one hash after the other.
import { type Algorithm, hashSync } from "@node-rs/argon2";
import { getPriority, platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { readStoredHash } from "./stored-hash.ts";

export interface HashParameters {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly algorithm?: Algorithm;
}

/** Makes a hash, compares one, or measures how much of a core it takes to compare one. */
export type HashJob =
  | { readonly password: string; readonly parameters: HashParameters }
  | { readonly password: string; readonly stored: string }
  | { readonly measured: string };

/** What comes back: a PHC string, whether the password has it, or milliseconds of a core; and how long that took. */
export type HashResult =
  | { readonly value: string | boolean | number; readonly tookMs: number }
  | { readonly error: unknown };

/** What a hashing thread is started with. */
export interface HashThreadData {
  /** How much nicer than the process it is, 0 to 19: requests and the database go first. */
  readonly niceness: number;
}

const mostNice = 19;
const { niceness } = workerData as HashThreadData;
// On Linux alone threads have priorities of their own; elsewhere this would be the process.
if (platform() === "linux") setPriority(Math.min(getPriority() + niceness, mostNice));

const port = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
port?.on("message", (job: HashJob) => port.postMessage(resultOf(job)));

function resultOf(job: HashJob): HashResult {
  const startedMs = performance.now();
  try {
    const value = valueOf(job);
    return { value, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { error };
  }
}

function valueOf(job: HashJob): string | boolean | number {
  if ("measured" in job) return measure(job.measured);
  if ("stored" in job) return readStoredHash(job.stored)?.isOf(job.password) === true;
  return hashSync(job.password, { ...job.parameters });
}

function measure(stored: string): number {
  const hash = readStoredHash(stored);
  const beforeMs = processorMs();
  hash?.isOf("");
  return processorMs() - beforeMs;
}

// oxlint-disable-next-line no-restricted-globals -- it says nothing of the environment, and Node has it nowhere else
const { threadCpuUsage } = process;

/** Nobody notifies whoever waits on it. */
const unwoken = new Int32Array(new SharedArrayBuffer(4));

/**
 * The processor time of this thread, which no other program stretches. Before Node 23.9 its time in all, which a busy
 * machine does. The system counts it when a thread stops, and else once in some milliseconds: so it stops.
 */
function processorMs(): number {
  if (typeof threadCpuUsage !== "function") return performance.now();
  Atomics.wait(unwoken, 0, 0, 0.01);
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}
