// Argon2id in threads of its own behind a queue that says "busy" in time, and the same time for every wrong password.
import { availableParallelism } from "node:os";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { HashParameters } from "./hash-thread.ts";
import { createHashThreads } from "./hash-threads.ts";
import { createHashingQueue, type HashingQueueOptions, type Turn } from "./hashing-queue.ts";
import { createSchemeCosts, type Scheme, schemeOf } from "./scheme-costs.ts";

/** OWASP's second choice (ASVS 5.0 appendix C): 19 MiB, two passes, one lane. */
const parameters: HashParameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const parametersInPhc = "$argon2id$v=19$m=19456,t=2,p=1$";

export interface PasswordHashing {
  /** A PHC string with a fresh salt. @throws ServiceError `busy` */
  hash(password: string, turn: Turn): Promise<string>;
  /**
   * Without a hash (unknown account), or with one that may not be computed here, it does today's work and says no. A no takes
   * as long as the dearest hash that has been met, whatever was compared. @throws ServiceError `busy`
   */
  verify(phc: string | undefined, password: string, turn: Turn): Promise<boolean>;
  /** Was this hash made with other parameters than today's? */
  isOutdated(phc: string): boolean;
  /** How many are hashed or wait at this moment. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** Gives the threads back. */
  close(): Promise<void>;
}

export interface PasswordHashingOptions {
  /** How many hashes run at once; each takes 19 MiB and a core. */
  readonly concurrency?: number;
  /** How many may wait. */
  readonly waitingPlaces?: number;
  readonly patienceMs?: number;
  readonly randomBytes?: RandomBytes | undefined;
  readonly onWait?: HashingQueueOptions["onWait"];
}

export function createPasswordHashing(options: PasswordHashingOptions = {}): PasswordHashing {
  const { concurrency = availableParallelism(), patienceMs, randomBytes = systemRandomBytes } = options;
  const { waitingPlaces = concurrency * 64, onWait } = options;
  const queue = createHashingQueue({ concurrency, waitingPlaces, patienceMs, onWait });
  const threads = createHashThreads();
  // What is compared for accounts that do not exist. Nobody knows a password that hashes to random bytes.
  const nobody = `${parametersInPhc}${unpadded(randomBytes(16))}$${unpadded(randomBytes(32))}`;
  const today = schemeOf(nobody) as Scheme;
  const costs = createSchemeCosts(today);

  async function measure(phc: string, scheme: Scheme, password: string): Promise<[boolean, number]> {
    const { value, tookMs } = await threads.verify(phc, password);
    costs.observe(scheme, tookMs);
    return [value, tookMs];
  }

  /** What this machine needs for today's hash must be known before another can be judged. */
  async function calibrate(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await measure(nobody, today, "");
  }

  return {
    hash: (password, turn) => queue.run(turn, async () => (await threads.hash(password, parameters)).value),
    async verify(phc, password, turn) {
      const [matches, scheme, tookMs] = await queue.run(turn, async () => {
        const found = phc === undefined ? undefined : schemeOf(phc);
        if (found !== undefined && found.name !== today.name && !costs.isKnown(today)) await calibrate();
        if (phc === undefined || found === undefined || !costs.isAffordable(found))
          return [false, today, (await measure(nobody, today, password))[1]] as const;
        const [isRight, ms] = await measure(phc, found, password);
        return [isRight, found, ms] as const;
      });
      // Outside of the queue: nobody else waits for this.
      if (!matches) await pause(costs.missingMs(scheme, tookMs), turn.signal);
      return matches;
    },
    isOutdated: (phc) => !phc.startsWith(parametersInPhc),
    load: () => ({ running: queue.running, waiting: queue.waiting }),
    close: () => threads.close(),
  };
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
