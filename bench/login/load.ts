/** A steady load of given requests, in a process of its own; each connection comes from an address of its own. */
import { answerQuestions } from "../answering-process.ts";
import { SteadyLoad } from "../steady-load.ts";
import { sourceOf } from "./people.ts";

export interface LoadOrder {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
}

answerQuestions<null>(async ({ port, requests, connections }: LoadOrder) => ({
  started: null,
  answers: {
    async run(forMs: number) {
      const load = new SteadyLoad({ ports: [port], requests, connections, staysAwake: false, sourceOf });
      try {
        return await load.run(forMs);
      } finally {
        load.close();
      }
    },
  },
}));
