// The outbox and its sealers against every order of events, as a model; `sealer.test.ts` plays with the real ones.
import { describe, expect, test } from "vitest";
import { faultOf, newWorld, type Protocol, steps, type World } from "./sealer-world.ts";

/** Comes through every reachable world; answers how many there are, and what was found wrong. */
function explore(first: World, protocol: Protocol): { worlds: number; faults: readonly string[] } {
  const seen = new Set([JSON.stringify(first)]);
  const open = [first];
  const faults = new Set<string>();
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    for (const next of steps(world, protocol)) {
      const fault = faultOf(next, world);
      if (fault !== undefined) {
        // What follows would be wrong, too.
        faults.add(fault);
        continue;
      }
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return { worlds: seen.size, faults: [...faults].toSorted() };
}

const sound: Protocol = { locks: true, guards: true, inOrder: true, batchRows: 1 };
const isFull = process.env["TEST_FULL"] === "1";

describe("MI-06: every order of events, each process cut off anywhere", () => {
  test.each([
    ["changes and two sealers", newWorld(isFull ? 3 : 2, 2, 0, 1)],
    ["changes one after the other, and a sealer", newWorld(isFull ? 2 : 1, 1, 0, 2)],
    ["changes of two releases, and two sealers", newWorld(1, 2, 1, 1)],
    ["changes of two releases one after the other, and a sealer", newWorld(1, 1, 1, 2)],
  ])("%s: no gap, nothing twice, nothing late, nothing missing", (_, first) => {
    for (const batchRows of [1, 2]) {
      for (const locks of [true, false]) {
        const { worlds, faults } = explore(first, { ...sound, locks, batchRows });
        expect(faults).toEqual([]);
        expect(worlds).toBeGreaterThan(100);
      }
    }
  });

  test("the model sees what goes wrong without the condition on the end", () => {
    const unguarded = { ...sound, locks: false, guards: false };
    expect(explore(newWorld(1, 1, 1, 1), unguarded).faults).toContain("a number was given twice");
    expect(explore(newWorld(2, 2, 0, 1), unguarded).faults).toContain("a number was given twice");
  });

  test("the model sees what goes wrong when rows are taken in another order", () => {
    expect(explore(newWorld(2, 1, 0, 1), { ...sound, inOrder: false, batchRows: 1 }).faults).toEqual([
      "a change stands before one that it could have heard of",
    ]);
  });
});
