import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { expect, test } from "vitest";
import { createHashThreads } from "../../src/passwords/hash-threads.ts";

/** Of each thread of this process: Linux takes a thread's id for that of a process. */
function nicenessOfThreads(): number[] {
  return readdirSync("/proc/self/task").map((thread) => getPriority(Number(thread)));
}

/** How nice the threads are, all kinds so far, after one hash by threads of this kind. */
async function nicenessWith(niceness: number): Promise<number[]> {
  const before = getPriority();
  const threads = createHashThreads(niceness);
  const { value } = await threads.hash("a password", { memoryCost: 64, timeCost: 1, parallelism: 1 });
  expect(value).toMatch(/^\$argon2id\$/);
  expect(getPriority()).toBe(before);
  threads.close();
  return nicenessOfThreads()
    .filter((each) => each !== before)
    .toSorted((a, b) => a - b);
}

test.runIf(process.platform === "linux")(
  "hashes yield to requests as far as is said, and only they do",
  async () => {
    const before = getPriority();
    expect(await nicenessWith(5)).toEqual([before + 5]);
    expect(await nicenessWith(19)).toEqual([before + 5, 19]);
    expect(await nicenessWith(0)).toEqual([before + 5, 19]);
  },
);

test("one thread takes what comes after what has failed in it", async () => {
  const threads = createHashThreads(0);
  const costly = { memoryCost: 64, timeCost: 1, parallelism: 1 };
  await expect(threads.hash("a password", { ...costly, parallelism: 0 })).rejects.toThrow("Too few lanes");
  const { value } = await threads.hash("a password", costly);
  expect(await threads.verify(value, "a password")).toMatchObject({ value: true });
  expect(await threads.verify(value, "another password")).toMatchObject({ value: false });
  threads.close();
});

test("as many hashes run at once as are asked for, each with its own answer", async () => {
  const threads = createHashThreads(0);
  const costly = { memoryCost: 64, timeCost: 1, parallelism: 1 };
  const passwords = Array.from({ length: 6 }, (_, number) => `password ${number}`);
  const hashes = await Promise.all(passwords.map((password) => threads.hash(password, costly)));
  const right = await Promise.all(
    hashes.map(({ value }, index) => threads.verify(value, passwords[index] ?? "")),
  );
  expect(right.map(({ value }) => value)).toEqual(passwords.map(() => true));
  threads.close();
});
