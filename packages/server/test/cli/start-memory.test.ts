import { getHeapSpaceStatistics } from "node:v8";
import { expect, test } from "vitest";
import { releaseStartMemory } from "../../src/cli/start-memory.ts";

function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
}

test("the young generation that a start made large is small again, and grows when it is needed", () => {
  const fill = (): number => Array.from({ length: 3_000_000 }, (_, number) => ({ number })).length;
  fill();
  expect(youngGenerationBytes()).toBeGreaterThan(10_000_000);
  releaseStartMemory();
  expect(youngGenerationBytes()).toBeLessThan(5_000_000);
  expect(globalThis).not.toHaveProperty("gc");
  fill();
  expect(youngGenerationBytes()).toBeGreaterThan(10_000_000);
});
