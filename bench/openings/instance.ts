/** One instance of a server, in a process of its own, with its part of the clients. */
import { answerQuestions } from "../answering-process.ts";
import { openOpeningsStore } from "./store.ts";

export interface InstanceOrder {
  readonly databaseUrl: string;
  /** The accounts that log in here, each once and then from the first again. */
  readonly userIds: readonly string[];
}

export interface RunOrder {
  /** What they do. */
  readonly verb: "open" | "insert";
  readonly clients: number;
  readonly forMs: number;
}

export interface RunResult {
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
}

answerQuestions<null>(async ({ databaseUrl, userIds }: InstanceOrder) => {
  const store = await openOpeningsStore(databaseUrl);
  let next = 0;

  async function run({ verb, clients, forMs }: RunOrder): Promise<RunResult> {
    const latenciesMs: number[] = [];
    const started = performance.now();
    const client = async (): Promise<void> => {
      for (let begun = started; begun - started < forMs;) {
        await store[verb](userIds[next++ % userIds.length] ?? "");
        const done = performance.now();
        latenciesMs.push(done - begun);
        begun = done;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return { elapsedMs: performance.now() - started, latenciesMs };
  }

  return { started: null, answers: { run } };
});
