import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Buckets, Limit, Place, Taken } from "../../src/throttling/buckets.ts";
import { sharedKeyOf } from "../../src/throttling/keys.ts";
import { createStoredBuckets } from "../../src/throttling/store.ts";
import { backends, openOn } from "../database/backends.ts";
import { createClock, times } from "../database/fixtures.ts";
import { newPostgresUrl } from "../postgres.ts";
import { bucketsOf } from "./fixtures.ts";

const fullBudget = process.env["TEST_FULL"] === "1";
const limit: Limit = { atOnce: 5, intervalMs: 1000 };
const key = "akey";

function placeOf(taken: Taken): Place {
  if (taken.outcome === "refused") throw new TypeError("there was no place");
  return taken.place;
}

async function takeAll(buckets: Buckets, of: Limit = limit, on = key): Promise<number> {
  let count = 0;
  while ((await buckets.take(on, of)).outcome === "taken") count += 1;
  return count;
}

/** The limit in the words of whoever reads the settings: places, each of which comes back by itself. */
class Model {
  #fullPlaces = 0;
  #atMs = 0;
  inARow = 0;

  #leak(nowMs: number, { intervalMs }: Limit): void {
    this.#fullPlaces = Math.max(0, this.#fullPlaces - (nowMs - this.#atMs) / intervalMs);
    this.#atMs = nowMs;
  }

  take(nowMs: number, of: Limit): boolean {
    this.#leak(nowMs, of);
    if (this.inARow >= (of.inARow ?? Number.POSITIVE_INFINITY)) return false;
    // Times are whole milliseconds; a sum of fractions is not.
    if (this.#fullPlaces + 1 > of.atOnce + 1e-6) return false;
    this.#fullPlaces += 1;
    if (of.inARow !== undefined) this.inARow += 1;
    return true;
  }

  giveBack(nowMs: number, of: Limit, isYoung: boolean, guess: "right" | "none"): void {
    this.#leak(nowMs, of);
    if (isYoung) this.#fullPlaces = Math.max(0, this.#fullPlaces - 1);
    this.inARow = guess === "right" ? 0 : Math.max(0, this.inARow - 1);
  }
}

describe.each(backends)("buckets on $name", (backend) => {
  async function open(maxBuckets?: number) {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const [buckets] = await bucketsOf([store], clock.nowMs, maxBuckets);
    if (buckets === undefined) throw new TypeError("nothing was opened");
    return { clock, store, buckets };
  }

  test("TH-02: decide as places would that each come back by themselves, whenever attempts come and end", async () => {
    const { clock, buckets } = await open();
    let run = 0;
    const step = fc.record({
      pauseMs: fc.oneof(fc.constant(0), fc.nat({ max: 400 }), fc.nat({ max: 4000 })),
      move: fc.constantFrom("take", "take", "take", "right", "none"),
    });
    const limits = fc.record({
      atOnce: fc.integer({ min: 1, max: 6 }),
      intervalMs: fc.integer({ min: 1, max: 1500 }),
      inARow: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), limits, async (steps, of) => {
        run += 1;
        const own = `amodel${run}`;
        const model = new Model();
        const places: Place[] = [];
        for (const { pauseMs, move } of steps) {
          clock.advanceMs(pauseMs);
          if (move === "take") {
            const taken = await buckets.take(own, of);
            expect(taken.outcome === "taken").toBe(model.take(clock.nowMs(), of));
            if (taken.outcome === "taken") {
              places.push(taken.place);
              expect(taken.place.inARow).toBe(model.inARow);
            }
            continue;
          }
          const place = places.pop();
          if (place === undefined) continue;
          const isYoung = clock.nowMs() < place.takenAtMs + of.intervalMs;
          await buckets.giveBack(place, move === "right" ? "right" : "none");
          model.giveBack(clock.nowMs(), of, isYoung, move === "right" ? "right" : "none");
        }
      }),
      { numRuns: fullBudget ? 1000 : backend.name === "SQLite" ? 200 : 40 },
    );
  });

  test("TH-02: of 64 attempts at once, at three instances, no more are let through than there are places", async () => {
    const instances = await backend.openInstances(3);
    const each = await bucketsOf(instances, Date.now);
    const slow = { atOnce: 10, intervalMs: 3_600_000 };
    for (const round of times(fullBudget ? 20 : 3, (index) => index)) {
      const taken = await Promise.all(
        times(64, (index) => each[index % 3]?.take(`around${round}`, slow) ?? Promise.reject()),
      );
      expect(taken.filter(({ outcome }) => outcome === "taken")).toHaveLength(10);
      expect(taken.filter((one) => one.outcome === "refused" && one.isFirst)).toHaveLength(1);
    }
    const row = { atOnce: 60, intervalMs: 3_600_000, inARow: 7 };
    const taken = await Promise.all(
      times(64, (index) => each[index % 3]?.take("arow", row) ?? Promise.reject()),
    );
    const inARow = taken.flatMap((one) => (one.outcome === "taken" ? [one.place.inARow] : []));
    expect(inARow.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("say how long to wait, and waiting so long is enough, however often somebody asked meanwhile", async () => {
    const { clock, buckets } = await open();
    expect(await takeAll(buckets)).toBe(5);
    for (const _ of times(20, () => 0))
      expect(await buckets.take(key, limit)).toMatchObject({ waitMs: 1000 });
    clock.advanceMs(400);
    expect(await buckets.take(key, limit)).toMatchObject({ waitMs: 600 });
    clock.advanceMs(600);
    expect(await takeAll(buckets)).toBe(1);
    clock.advanceSeconds(3600);
    expect(await takeAll(buckets)).toBe(5);
  });

  test("a place that was given back is free at once; one that is as old as an interval gives no second one", async () => {
    const { clock, buckets } = await open();
    const first = placeOf(await buckets.take(key, limit));
    await takeAll(buckets);
    await buckets.giveBack(first, "none");
    expect(await takeAll(buckets)).toBe(1);

    clock.advanceSeconds(3600);
    const late = placeOf(await buckets.take(key, limit));
    clock.advanceMs(limit.intervalMs);
    expect(await takeAll(buckets)).toBe(5);
    await buckets.giveBack(late, "right");
    expect(await takeAll(buckets)).toBe(0);
  });

  test("a right guess ends the row of wrong ones, and one without a comparison is not of the row", async () => {
    const { clock, buckets } = await open();
    const row = { atOnce: 1000, intervalMs: 1000, inARow: 3 };
    placeOf(await buckets.take(key, row));
    await buckets.giveBack(placeOf(await buckets.take(key, row)), "none");
    expect(placeOf(await buckets.take(key, row)).inARow).toBe(2);
    await buckets.giveBack(placeOf(await buckets.take(key, row)), "right");
    expect(await takeAll(buckets, row)).toBe(3);
    clock.advanceSeconds(29 * 86_400);
    expect(await buckets.take(key, row)).toEqual({ outcome: "refused", waitMs: undefined, isFirst: false });
    expect(await buckets.forget(key)).toBe(3);
    expect(await buckets.forget(key)).toBeUndefined();
    expect(await takeAll(buckets, row)).toBe(3);
  });

  test("tell one refusal as the first until the bucket has been empty", async () => {
    const { clock, buckets } = await open();
    const firsts = async (): Promise<boolean[]> => {
      await takeAll(buckets);
      clock.advanceMs(1001);
      await takeAll(buckets);
      const again = await buckets.take(key, limit);
      return [again.outcome === "refused" && again.isFirst];
    };
    await takeAll(buckets, limit, "bother");
    const seen: Taken[] = [];
    while (seen.at(-1)?.outcome !== "refused") seen.push(await buckets.take(key, limit));
    expect(seen.at(-1)).toMatchObject({ isFirst: true });
    expect(await firsts()).toEqual([false]);
    clock.advanceSeconds(60);
    seen.length = 0;
    while (seen.at(-1)?.outcome !== "refused") seen.push(await buckets.take(key, limit));
    expect(seen.at(-1)).toMatchObject({ isFirst: true });
  });

  test("forget what is idle, but a row of wrong guesses only after 30 days", async () => {
    const { clock, store, buckets } = await open();
    const row = { ...limit, inARow: 100 };
    for (const index of times(120, (each) => each)) await buckets.take(`aidle${index}`, limit);
    await buckets.take("arow", row);
    expect(await buckets.prune()).toBe(0);
    clock.advanceMs(1001);
    expect(await buckets.prune()).toBe(120);
    clock.advanceSeconds(30 * 86_400 - 3);
    expect(await buckets.prune()).toBe(0);
    clock.advanceSeconds(3);
    expect(await buckets.prune()).toBe(1);
    await buckets.stop();
    expect((await sql`select * from throttles`.execute(store.db)).rows).toEqual([]);
  });

  test("TH-03: what is closed stays so while somebody goes on trying, and is forgotten 30 days after the last attempt", async () => {
    const { clock, buckets } = await open();
    const row = { atOnce: 1000, intervalMs: 1000, inARow: 3 };
    expect(await takeAll(buckets, row)).toBe(3);
    for (const _ of times(40, () => 0)) {
      clock.advanceSeconds(2 * 86_400);
      expect(await buckets.take(key, row)).toEqual({ outcome: "refused", waitMs: undefined, isFirst: false });
      expect(await buckets.prune()).toBe(0);
    }
    clock.advanceSeconds(30 * 86_400 - 1);
    expect(await buckets.prune()).toBe(0);
    clock.advanceSeconds(1);
    expect(await buckets.prune()).toBe(1);
    expect(await takeAll(buckets, row)).toBe(3);
  });

  test("when there are as many as there may be, none is lost, and new keys share", async () => {
    const { clock, buckets } = await open(20);
    const row = { atOnce: 5, intervalMs: 60_000, inARow: 100 };
    // On PostgreSQL the table is counted every ten seconds at most.
    for (const index of times(20, (each) => each)) await takeAll(buckets, row, `aown${index}`);
    clock.advanceSeconds(11);
    const [one = "", other = ""] = collidingKeys();
    expect(await takeAll(buckets, row, one)).toBe(5);
    expect(await takeAll(buckets, row, other)).toBe(0);
    for (const index of times(20, (each) => each))
      expect((await buckets.take(`aown${index}`, row)).outcome).toBe("refused");
    // When there is room again, each has its own.
    clock.advanceSeconds(31 * 86_400);
    await buckets.prune();
    clock.advanceSeconds(11);
    expect(await takeAll(buckets, row, one)).toBe(5);
    expect(await takeAll(buckets, row, other)).toBe(5);
  });

  test("TH-11: outlive a restart", async () => {
    const clock = createClock();
    const url = await backend.newUrl();
    const before = await openOn(url, { nowMs: clock.nowMs });
    const [buckets] = await bucketsOf([before], clock.nowMs);
    if (buckets === undefined) throw new TypeError("nothing was opened");
    expect(await takeAll(buckets, { ...limit, inARow: 3 })).toBe(3);
    expect(await takeAll(buckets, limit, "aother")).toBe(5);
    await buckets.stop();
    await before.close();
    const after = await openOn(url, { nowMs: clock.nowMs });
    const [reopened] = await bucketsOf([after], clock.nowMs);
    if (reopened === undefined) throw new TypeError("nothing was opened");
    expect(await takeAll(reopened, limit, "aother")).toBe(0);
    expect(await reopened.take(key, { ...limit, inARow: 3 })).toMatchObject({ waitMs: undefined });
  });
});

test("TH-11: on SQLite what was counted is written without being asked for", async () => {
  const [sqlite] = backends;
  const store = await sqlite?.open();
  if (store === undefined) throw new TypeError("nothing was opened");
  const [buckets] = await bucketsOf([store], Date.now);
  buckets?.start();
  onTestFinished(() => buckets?.stop());
  await buckets?.take(key, { ...limit, inARow: 3 });
  const rows = async (): Promise<unknown[]> =>
    (await sql`select key, in_a_row from throttles`.execute(store.db)).rows;
  await expect.poll(rows, { timeout: 30_000 }).toEqual([{ key, in_a_row: 1 }]);
});

test("on PostgreSQL no count waits for the disk", async () => {
  const store = await openOn(await newPostgresUrl());
  const commit = async (count: (buckets: Buckets) => Promise<unknown>): Promise<string | undefined> =>
    store.database.db.transaction().execute(async (db) => {
      await count(createStoredBuckets({ db, now: store.database.now }, { onError: () => {} }));
      const { rows } = await sql<{
        how: string;
      }>`select current_setting('synchronous_commit') as how`.execute(db);
      return rows[0]?.how;
    });
  expect(await commit(async () => {})).toBe("on");
  let place: Place | undefined;
  expect(await commit(async (buckets) => (place = placeOf(await buckets.take(key, limit))))).toBe("off");
  expect(await commit((buckets) => buckets.take(key, { ...limit, atOnce: 1 }))).toBe("off");
  expect(await commit((buckets) => buckets.giveBack(place as Place, "right"))).toBe("off");
  expect(await commit((buckets) => buckets.prune())).toBe("off");
});

test("keys share a bucket of their own kind, one of 65,536", () => {
  const [one = "", other = ""] = collidingKeys();
  expect(one).not.toBe(other);
  expect(sharedKeyOf(one)).toBe(sharedKeyOf(other));
  expect(sharedKeyOf(one)).toMatch(/^a~[0-9a-f]{4}$/);
  expect(sharedKeyOf(`s${one.slice(1)}`)).toMatch(/^s~/);
});

function collidingKeys(): string[] {
  const shared = "abcd";
  return [`a${shared}one`, `a${shared}two`];
}
