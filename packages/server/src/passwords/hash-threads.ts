// Threads for hashing alone: those of libuv stay free for files and names.
import { Worker } from "node:worker_threads";
import type { HashJob, HashParameters, HashResult } from "./hash-thread.ts";

interface Timed<T> {
  readonly value: T;
  /** In its thread, without any wait. */
  readonly tookMs: number;
}

export interface HashThreads {
  hash(password: string, parameters: HashParameters): Promise<Timed<string>>;
  verify(stored: string, password: string): Promise<Timed<boolean>>;
  /** Ends the threads; what they were at fails. */
  close(): Promise<void>;
}

/** `.js` where it is built. */
const program = new URL(import.meta.url.replace(/hash-threads(?=\.[jt]s$)/, "hash-thread"));

/** As many threads as are asked for at once, each started when it is first needed. Whoever asks bounds how many. */
export function createHashThreads(): HashThreads {
  const all = new Set<Worker>();
  const idle: Worker[] = [];

  function start(): Worker {
    // It needs nothing of the environment, which may hold secrets.
    const worker = new Worker(program, { env: {} });
    all.add(worker);
    const forget = (): void => {
      all.delete(worker);
      const index = idle.indexOf(worker);
      if (index !== -1) idle.splice(index, 1);
    };
    worker.once("exit", forget);
    worker.once("error", forget);
    return worker;
  }

  async function run(job: HashJob): Promise<Timed<string | boolean>> {
    const worker = idle.pop() ?? start();
    // A thread at work keeps the process alive, an idle one does not.
    worker.ref();
    const { promise, resolve, reject } = Promise.withResolvers<HashResult>();
    const onExit = (): void => reject(new TypeError("the hashing thread has ended"));
    worker.once("message", resolve).once("error", reject).once("exit", onExit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(job);
    try {
      const result = await promise;
      if ("error" in result) throw result.error;
      return result;
    } finally {
      worker.off("message", resolve).off("error", reject).off("exit", onExit);
      worker.unref();
      if (all.has(worker)) idle.push(worker);
    }
  }

  return {
    hash: (password, parameters) => run({ password, parameters }) as Promise<Timed<string>>,
    verify: (stored, password) => run({ stored, password }) as Promise<Timed<boolean>>,
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
