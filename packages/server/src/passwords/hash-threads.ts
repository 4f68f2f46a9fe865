// Threads for hashing alone: those of libuv stay free for files and names.
import { Worker } from "node:worker_threads";
import type { HashJob, HashParameters, HashResult, HashThreadData } from "./hash-thread.ts";

interface Timed<T> {
  readonly value: T;
  /** In its thread, without any wait. */
  readonly tookMs: number;
}

export interface HashThreads {
  hash(password: string, parameters: HashParameters): Promise<Timed<string>>;
  verify(stored: string, password: string): Promise<Timed<boolean>>;
  /** How many milliseconds of a core it takes to compare with this hash, however busy the machine is. */
  measure(stored: string): Promise<number>;
  /** What is under way fails; its threads go on to whoever asks next. */
  close(): void;
}

/** `.js` where it is built. */
const program = new URL(import.meta.url.replace(/hash-threads(?=\.[jt]s$)/, "hash-thread"));

interface HashThread {
  /** One at a time; whoever asks may give up on it. */
  run(job: HashJob): Pick<PromiseWithResolvers<HashResult>, "promise" | "reject">;
}

/**
 * Threads belong to the process: however many servers are in it, they share those that have nothing to do. By their
 * niceness.
 */
const idle = new Map<number, HashThread[]>();

/**
 * As many threads as are asked for at once, each started when it is first needed. Whoever asks bounds how many.
 * `niceness`: see `HashThreadData`.
 */
export function createHashThreads(niceness: number): HashThreads {
  const underWay = new Set<(reason: Error) => void>();

  async function run(job: HashJob): Promise<Timed<string | boolean | number>> {
    const thread = idle.get(niceness)?.pop() ?? startThread(niceness);
    const { promise, reject } = thread.run(job);
    underWay.add(reject);
    try {
      const result = await promise;
      if ("error" in result) throw result.error;
      return result;
    } finally {
      underWay.delete(reject);
    }
  }

  return {
    hash: (password, parameters) => run({ password, parameters }) as Promise<Timed<string>>,
    verify: (stored, password) => run({ stored, password }) as Promise<Timed<boolean>>,
    measure: async (stored) => (await run({ measured: stored })).value as number,
    close() {
      for (const reject of underWay) reject(new TypeError("the server of this hash was closed"));
    },
  };
}

function startThread(niceness: number): HashThread {
  const mates = idle.get(niceness) ?? [];
  idle.set(niceness, mates);
  // It needs nothing of the environment, which may hold secrets.
  const worker = new Worker(program, { env: {}, workerData: { niceness } satisfies HashThreadData });
  let asked: PromiseWithResolvers<HashResult> | undefined;

  function end(reason: unknown): void {
    const index = mates.indexOf(thread);
    if (index !== -1) mates.splice(index, 1);
    asked?.reject(reason);
  }

  worker.on("message", (result: HashResult) => {
    mates.push(thread);
    worker.unref();
    asked?.resolve(result);
  });
  worker.on("error", end);
  worker.on("exit", () => end(new TypeError("the hashing thread has ended")));

  const thread: HashThread = {
    run(job) {
      // A thread at work keeps the process alive, an idle one does not.
      worker.ref();
      asked = Promise.withResolvers();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(job);
      return asked;
    },
  };
  return thread;
}
