import { expect, test } from "vitest";
import type { Buckets, Place } from "../../src/throttling/buckets.ts";
import { createMemoryBuckets } from "../../src/throttling/memory-buckets.ts";
import { withRememberedRefusals } from "../../src/throttling/remembered-refusals.ts";
import { createClock } from "../database/fixtures.ts";

const limit = { atOnce: 1, intervalMs: 5000 };

async function open() {
  const { nowMs, advanceMs } = createClock();
  const asked: string[] = [];
  const buckets = await createMemoryBuckets({
    file: { load: async () => new Map(), save: async () => {} },
    onError: () => {},
    nowMs,
  });
  const counting: Buckets = {
    ...buckets,
    take: (key, of) => {
      asked.push(key);
      return buckets.take(key, of);
    },
  };
  return { advanceMs, asked, remembering: withRememberedRefusals(counting, nowMs) };
}

test("a refusal is answered from memory for a second, with the time that is left", async () => {
  const { advanceMs, asked, remembering } = await open();
  await remembering.take("a1", limit);
  expect(await remembering.take("a1", limit)).toEqual({ outcome: "refused", waitMs: 5000, isFirst: true });
  advanceMs(999);
  expect(await remembering.take("a1", limit)).toEqual({ outcome: "refused", waitMs: 4001, isFirst: false });
  expect(asked).toHaveLength(2);
  advanceMs(1);
  expect(await remembering.take("a1", limit)).toEqual({ outcome: "refused", waitMs: 4000, isFirst: false });
  expect(asked).toHaveLength(3);
  await remembering.take("a2", limit);
  expect(asked).toHaveLength(4);
});

test("a refusal is forgotten when its place is free, given back or opened", async () => {
  const { advanceMs, remembering } = await open();
  const refuse = async (): Promise<Place> => {
    const taken = await remembering.take("a1", limit);
    if (taken.outcome === "refused") throw new TypeError("there was no place");
    expect((await remembering.take("a1", limit)).outcome).toBe("refused");
    return taken.place;
  };
  const place = await refuse();
  await remembering.giveBack(place, "none");
  await refuse();
  await remembering.forget("a1");
  await refuse();
  advanceMs(4500);
  expect(await remembering.take("a1", limit)).toMatchObject({ waitMs: 500 });
  advanceMs(500);
  expect((await remembering.take("a1", limit)).outcome).toBe("taken");
});
