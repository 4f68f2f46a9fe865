import { expect, test } from "vitest";
import { createTurns, type Turns } from "../../src/throttling/turns.ts";

/** Work that ends when it is told to. */
function newWork(turns: Turns, patienceMs = 600_000) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    ask: (name: string, atOnce = 1, signal?: AbortSignal): Promise<unknown> =>
      turns
        .run(
          "ada",
          atOnce,
          () => {
            begun.push(name);
            return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
          },
          { untilMs: performance.now() + patienceMs, signal },
        )
        .catch(({ code }: { code: string }) => code),
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("as many as may be at once are under way, and the others follow in the order in which they came", async () => {
  const work = newWork(createTurns());
  const all = ["one", "two", "three", "four"].map((name) => work.ask(name, 2));
  expect(work.begun).toEqual(["one", "two"]);
  await work.end("two");
  expect(work.begun).toEqual(["one", "two", "three"]);
  await work.end("one");
  await work.end("three");
  await work.end("four");
  expect(await Promise.all(all)).toEqual(["one", "two", "three", "four"]);
});

test("whoever has waited as long as they may is told to come back, and takes nobody's turn", async () => {
  const work = newWork(createTurns(), 200);
  const first = work.ask("first");
  expect(await work.ask("second")).toBe("busy");
  await work.end("first");
  expect(await first).toBe("first");
  void work.ask("third");
  expect(work.begun).toEqual(["first", "third"]);
  await work.end("third");
});

test("whoever hangs up leaves the line at once, and whoever had before does not come into it", async () => {
  const work = newWork(createTurns());
  const gone = new AbortController();
  const first = work.ask("first");
  const dead = work.ask("dead", 1, gone.signal);
  const honest = work.ask("honest");
  gone.abort();
  expect(await dead).toBe("busy");
  expect(await work.ask("late", 1, gone.signal)).toBe("busy");
  await work.end("first");
  expect(work.begun).toEqual(["first", "honest"]);
  await work.end("honest");
  expect(await Promise.all([first, honest])).toEqual(["first", "honest"]);
});

test("work that fails hands its turn over", async () => {
  const turns = createTurns();
  const patience = { untilMs: performance.now() + 600_000 };
  const broken = turns.run("ada", 1, () => Promise.reject(new TypeError("broken")), patience);
  const next = turns.run("ada", 1, async () => "next", patience);
  await expect(broken).rejects.toThrow("broken");
  expect(await next).toBe("next");
});
