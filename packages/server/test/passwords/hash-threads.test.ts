import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { expect, test } from "vitest";
import { createHashThreads } from "../../src/passwords/hash-threads.ts";

/** Field 19 of proc(5) of each thread of this process; the name in field 2 may hold anything but ends with the last bracket. */
function nicenessOfThreads(): number[] {
  return readdirSync("/proc/self/task").map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  });
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
