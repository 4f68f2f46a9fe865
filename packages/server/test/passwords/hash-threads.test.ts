import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { expect, test } from "vitest";
import { createHashThreads } from "../../src/passwords/hash-threads.ts";

/** Of each thread of this process: Linux takes a thread's id for that of a process. */
function nicenessOfThreads(): number[] {
  return readdirSync("/proc/self/task").map((thread) => getPriority(Number(thread)));
}

test.runIf(process.platform === "linux")("hashes yield to requests, and only they do", async () => {
  const before = getPriority();
  const threads = createHashThreads();
  const { value } = await threads.hash("a password", { memoryCost: 64, timeCost: 1, parallelism: 1 });
  expect(value).toMatch(/^\$argon2id\$/);
  expect(getPriority()).toBe(before);
  expect(nicenessOfThreads().filter((niceness) => niceness !== before)).toEqual([before + 5]);
  threads.close();
});
