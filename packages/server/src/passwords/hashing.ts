// Argon2id behind a bounded queue: as many hashes at once as there are cores, and a clear "busy"
// beyond the queue.
import { hash as argon2Hash, verify as argon2Verify, type Options } from "@node-rs/argon2";
import { availableParallelism } from "node:os";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { ServiceError } from "../errors.ts";

/** OWASP's second choice (ASVS 5.0 appendix C): 19 MiB, two passes, one lane. */
const parameters: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const parametersInPhc = "$argon2id$v=19$m=19456,t=2,p=1$";

/**
 * No hash of ours, nor of an import that we would believe, is longer; a longer one may ask for any
 * memory.
 */
const phcForm =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;
const maxMemoryKibibytes = 1_048_576;

export interface PasswordHashing {
  /** A PHC string with a fresh salt. @throws ServiceError `busy` */
  hash(password: string): Promise<string>;
  /**
   * Without a hash (unknown account) it does the same work and says no.
   *
   * @throws ServiceError `busy`
   */
  verify(phc: string | undefined, password: string): Promise<boolean>;
  /** Was this hash made with other parameters than today's? */
  isOutdated(phc: string): boolean;
}

export interface PasswordHashingOptions {
  /** How many hashes run at once; each takes 19 MiB and a core. */
  readonly concurrency?: number;
  /** How many may wait; about two seconds of work by default. */
  readonly queueLength?: number;
  readonly randomBytes?: RandomBytes | undefined;
}

export async function createPasswordHashing(options: PasswordHashingOptions = {}): Promise<PasswordHashing> {
  const { randomBytes = systemRandomBytes } = options;
  const concurrency = options.concurrency ?? availableParallelism();
  const gate = createGate(concurrency, options.queueLength ?? concurrency * 64);
  // What is verified for accounts that do not exist; no password has it.
  const nobody = await argon2Hash(randomBytes(32), parameters);
  return {
    hash: (password) => gate(() => argon2Hash(password, parameters)),
    verify: (phc, password) =>
      gate(async () => {
        const known = phc !== undefined && isBounded(phc);
        const matches = await argon2Verify(known ? phc : nobody, password);
        return known && matches;
      }),
    isOutdated: (phc) => !phc.startsWith(parametersInPhc),
  };
}

/** A stored string may come from an import: it must not be able to order a gigabyte. */
function isBounded(phc: string): boolean {
  const [, memory, passes, lanes] = phcForm.exec(phc) ?? [];
  return (
    memory !== undefined &&
    Number(memory) <= maxMemoryKibibytes &&
    Number(passes) <= 64 &&
    Number(lanes) <= 16
  );
}

function createGate(concurrency: number, queueLength: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= queueLength) throw new ServiceError("busy", { retryAfterSeconds: 2 });
      // Whoever finishes hands its place over, so `running` does not change for those who waited.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
