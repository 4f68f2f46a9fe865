import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "../src/turns.ts";

test("RR-02: many that each end in time wait for each other, however long that takes together", async () => {
  const takeTurn = createTurns("many", 200);
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      takeTurn(async () => {
        running += 1;
        most = Math.max(most, running);
        await setTimeout(100);
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
});

test("a turn that never ends is taken away, and whoever held it still gets what its work gives", async () => {
  const takeTurn = createTurns("frozen", 100);
  const wake = Promise.withResolvers<string>();
  const frozen = takeTurn(() => wake.promise);
  expect(await takeTurn(async () => "next")).toBe("next");
  wake.resolve("woken");
  expect(await frozen).toBe("woken");
});

test("work that fails fails for its own caller, and the next one goes on", async () => {
  const takeTurn = createTurns("failing", 1000);
  const failing = takeTurn(async () => {
    throw new TypeError("this one");
  });
  const next = takeTurn(async () => "next");
  await expect(failing).rejects.toThrow("this one");
  expect(await next).toBe("next");
});
