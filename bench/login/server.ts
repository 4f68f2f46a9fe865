/** The server under test, in a process of its own: all that `createApp` adds, and `GET /posts` behind its guard. */
import type { AddressInfo } from "node:net";
import { createApp, type CountersignOptions } from "@countersign/server";
import { answerQuestions } from "../answering-process.ts";
import { posts } from "../http/trust.ts";

export interface LoginServerOrder {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly hashingNiceness: number;
}

/**
 * Limits on guessing, set so wide that they refuse nobody here: the load is hundreds of people from many addresses in
 * 127.0.0.0/8, of whom the flood knows no password, and what is measured is the hashing and its queue.
 */
const wideLimits: Partial<CountersignOptions> = {
  guessesPerSource: 1_000_000,
  guessesPerAccount: 1_000_000,
  guessesInARow: 1_000_000,
  signupsPerSource: 1_000_000,
};

answerQuestions<{ port: number }>(async (order: LoginServerOrder) => {
  const options = { issuer: "http://127.0.0.1", ...order, ...wideLimits };
  const app = createApp(options, { logger: false });
  await app.register(async (routes) => {
    routes.get("/posts", { onRequest: routes.auth.required() }, async () => posts);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    started: { port: (app.server.address() as AddressInfo).port },
    answers: {
      memoryBytes: () => process.memoryUsage().rss,
      /** The most that it has ever had. */
      peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
    },
  };
});
