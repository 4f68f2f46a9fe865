// Argon2id, and what came from elsewhere, in threads of its own behind a queue that says "busy" in time, and the same time
// for every wrong password.
import { availableParallelism } from "node:os";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { HashParameters } from "./hash-thread.ts";
import { createHashThreads } from "./hash-threads.ts";
import { createHashingQueue, type HashingQueueOptions, type Turn } from "./hashing-queue.ts";
import { probeOf, probeRounds, refusingRounds } from "./probes.ts";
import { createSchemeCosts } from "./scheme-costs.ts";
import { readStoredHash, type Scheme, type SchemeFamily } from "./stored-hash.ts";

/** OWASP's second choice (ASVS 5.0 appendix C): 19 MiB, two passes, one lane. */
const parameters: HashParameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const parametersInPhc = "$argon2id$v=19$m=19456,t=2,p=1$";

export interface PasswordHashing {
  /** A PHC string with a fresh salt. @throws ServiceError `busy` */
  hash(password: string, turn: Turn): Promise<string>;
  /**
   * Without a hash (unknown account), or with one that may not be computed here, it does today's work and says no. A no takes
   * as long as the dearest hash that the accounts have, whatever was compared. @throws ServiceError `busy`
   */
  verify(stored: string | undefined, password: string, turn: Turn): Promise<boolean>;
  /** Was this hash made with other parameters than today's? */
  isOutdated(stored: string): boolean;
  /**
   * Whether a hash from elsewhere can be verified here: what takes over 250 ms or 128 MiB cannot. @throws ServiceError
   * `busy`
   */
  judge(stored: string, turn: Turn): Promise<JudgedHash>;
  /** The accounts have hashes of these: a wrong password takes as long as the dearest. */
  expect(schemes: readonly Scheme[]): void;
  /** How many are hashed or wait at this moment. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** Gives the threads back. */
  close(): void;
}

export type JudgedHash =
  | { readonly outcome: "good" | "too_dear"; readonly scheme: Scheme }
  | { readonly outcome: "unknown_form" };

/** How old a measurement may be by which something is refused: it may have been made in a busy hour. */
const maxMeasurementAgeMs = 60_000;

export interface PasswordHashingOptions {
  /** How many hashes run at once; each takes 19 MiB and a core. */
  readonly concurrency?: number;
  /** How many may wait. */
  readonly waitingPlaces?: number;
  readonly patienceMs?: number;
  /** How much nicer than the process the threads are that hash (Linux). @default 0 */
  readonly niceness?: number;
  readonly randomBytes?: RandomBytes | undefined;
  readonly onWait?: HashingQueueOptions["onWait"];
}

export function createPasswordHashing(options: PasswordHashingOptions = {}): PasswordHashing {
  const { concurrency = availableParallelism(), patienceMs, randomBytes = systemRandomBytes } = options;
  const { waitingPlaces = concurrency * 64, niceness = 0, onWait } = options;
  const queue = createHashingQueue({ concurrency, waitingPlaces, patienceMs, onWait });
  const threads = createHashThreads(niceness);
  // What is compared for accounts that do not exist. Nobody knows a password that hashes to random bytes.
  const nobody = `${parametersInPhc}${unpadded(randomBytes(16))}$${unpadded(randomBytes(32))}`;
  const today = schemeOf(nobody) as Scheme;
  const costs = createSchemeCosts(today);
  /** When so many rounds were tried that a hash may be refused by them. */
  const refusedAtMs = new Map<SchemeFamily, number>();

  async function measure(stored: string, scheme: Scheme, password: string): Promise<[boolean, number]> {
    const { value, tookMs } = await threads.verify(stored, password);
    costs.observe(scheme, tookMs);
    return [value, tookMs];
  }

  async function probe(family: SchemeFamily, rounds: number, isEnough = () => false): Promise<void> {
    const { text, scheme } = probeOf(family);
    for (let round = 0; round < rounds && !isEnough(); round += 1)
      costs.probed(scheme, await threads.measure(text));
  }

  /** Measures what must be known before `scheme`, or a refusal, can be judged. Within a turn. */
  async function isAffordable(scheme: Scheme | undefined): Promise<boolean> {
    for (const family of costs.unmeasured(scheme)) await probe(family, probeRounds);
    if (scheme === undefined) return false;
    if (costs.isAffordable(scheme)) return true;
    if (costs.isHopeless(scheme)) return false;
    const { family } = scheme;
    if (performance.now() - (refusedAtMs.get(family) ?? -Infinity) <= maxMeasurementAgeMs) return false;
    await probe(family, refusingRounds, () => costs.isAffordable(scheme));
    if (costs.isAffordable(scheme)) return true;
    refusedAtMs.set(family, performance.now());
    return false;
  }

  return {
    hash: (password, turn) => queue.run(turn, async () => (await threads.hash(password, parameters)).value),
    async verify(stored, password, turn) {
      const [matches, scheme, tookMs] = await queue.run(turn, async () => {
        const found = stored === undefined ? undefined : schemeOf(stored);
        const canCompute = await isAffordable(found);
        if (stored === undefined || found === undefined || !canCompute)
          return [false, today, (await measure(nobody, today, password))[1]] as const;
        const [isRight, ms] = await measure(stored, found, password);
        return [isRight, found, ms] as const;
      });
      // Outside of the queue: nobody else waits for this.
      if (!matches) await pause(costs.missingMs(scheme, tookMs), turn.signal);
      return matches;
    },
    async judge(stored, turn) {
      const scheme = schemeOf(stored);
      if (scheme === undefined) return { outcome: "unknown_form" };
      if (costs.unmeasured(scheme).length === 0 && costs.isAffordable(scheme))
        return { outcome: "good", scheme };
      const canCompute = await queue.run(turn, () => isAffordable(scheme));
      return { outcome: canCompute ? "good" : "too_dear", scheme };
    },
    expect: (schemes) => costs.expect(schemes),
    isOutdated: (stored) => !stored.startsWith(parametersInPhc),
    load: () => ({ running: queue.running, waiting: queue.waiting }),
    close: () => threads.close(),
  };
}

function schemeOf(stored: string): Scheme | undefined {
  return readStoredHash(stored)?.scheme;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
