/** What nobody who checks passwords with Argon2id can beat: the library alone, in a process of its own. */
import { hash, verify } from "@node-rs/argon2";
import { answerQuestions } from "../answering-process.ts";
import { quantile } from "../spread.ts";
import type { LoadResult } from "../steady-load.ts";

/** Those of the server. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const password = "tangerine violin ledger";

answerQuestions<null>(async ({ inFlight }: { readonly inFlight: number }) => {
  const phc = await hash(password, parameters);

  async function run(forMs: number): Promise<LoadResult> {
    const latencies: number[] = [];
    const started = performance.now();
    const worker = async (): Promise<void> => {
      for (let begun = started; begun - started < forMs;) {
        if (!(await verify(phc, password))) throw new TypeError("the password is not recognised");
        const done = performance.now();
        latencies.push(done - begun);
        begun = done;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    const requestsPerSecond = (latencies.length / (performance.now() - started)) * 1000;
    return { requests: latencies.length, requestsPerSecond, p99Ms: quantile(latencies, 0.99) };
  }

  return { started: null, answers: { run } };
});
