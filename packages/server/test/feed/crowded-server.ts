// An instance in a process of its own, whose memory is measured while a crowd follows it.
import { randomBytes } from "node:crypto";
import { createApp } from "../../src/app.ts";
import { addLogOuts } from "../revocations/log-outs.ts";

export type Asked = "memory" | "log out";

export type Told =
  | { readonly url: string }
  /** What is in use on the heap and beside it, and all that the process has taken, with V8's reserve. */
  | { readonly usedBytes: number; readonly residentBytes: number }
  /** Milliseconds since the epoch at which the log-out was committed. */
  | { readonly atMs: number };

const secret = process.env["FOLLOWER_SECRET"] ?? "";
const app = createApp(
  {
    issuer: "http://127.0.0.1",
    databaseUrl: "sqlite::memory:",
    masterKey: randomBytes(32).toString("base64url"),
    feedFollowers: { crowd: secret },
  },
  { logger: false },
);

process.on("message", (asked: Asked) => void answer(asked));
process.on("disconnect", () => process.exit());

tell({ url: await app.listen({ host: "127.0.0.1", port: 0 }) });

async function answer(asked: Asked): Promise<void> {
  if (asked === "log out") {
    await addLogOuts(app, 1);
    return tell({ atMs: Date.now() });
  }
  // Twice, as what the first run frees may hold on to more.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  tell({ usedBytes: heapUsed + external, residentBytes: rss });
}

function tell(told: Told): void {
  process.send?.(told);
}
