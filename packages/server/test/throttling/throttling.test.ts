import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { describe, expect, test, vi } from "vitest";
import { StoreError } from "../../src/database/errors.ts";
import { ServiceError } from "../../src/errors.ts";
import type { Throttling } from "../../src/throttling/throttling.ts";
import { backends, openOn } from "../database/backends.ts";
import { createClock, eventsOf, newAccount, times } from "../database/fixtures.ts";
import { bucketsOf, throttlingOn } from "./fixtures.ts";

const home = "192.0.2.1";

type Check = () => Promise<string>;
const right: Check = async () => "in";
const wrong: Check = async () => {
  throw new ServiceError("invalid_credentials");
};
const failing =
  (error: Error): Check =>
  async () => {
    throw error;
  };

/** What a guess ended with: `in`, or the code and the wait. */
async function outcomeOf(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const wait = error.code === "too_many_attempts" ? ` ${error.retryAfterSeconds}` : "";
    return `${error.code}${wait}`;
  }
}

const guess = (
  throttling: Throttling,
  addressKey: string,
  check: Check = wrong,
  address: string = home,
): Promise<string> => outcomeOf(() => throttling.guess({ addressKey, origin: { address } }, check));

const addressesFrom = (network: string, count: number): string[] =>
  times(count, (index) => `${network}.${index >> 8}.${index & 255}`);

describe.each(backends)("throttling on $name", (backend) => {
  async function open(limits = {}) {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const [buckets] = await bucketsOf([store], clock.nowMs);
    if (buckets === undefined) throw new TypeError("nothing was opened");
    return { clock, store, ...throttlingOn(store, buckets, limits) };
  }

  test("TH-03: an address gets 10 wrong guesses at once, from wherever, and then one in 5 minutes", async () => {
    const { clock, throttling } = await open();
    for (const address of addressesFrom("198.51", 10))
      expect(await guess(throttling, "ada@example.com", wrong, address)).toBe("invalid_credentials");
    expect(await guess(throttling, "ada@example.com", right, "203.0.113.9")).toBe("too_many_attempts 300");
    clock.advanceSeconds(299);
    expect(await guess(throttling, "ada@example.com")).toBe("too_many_attempts 1");
    clock.advanceSeconds(1);
    expect(await guess(throttling, "ada@example.com")).toBe("invalid_credentials");
    expect(await guess(throttling, "ada@example.com")).toBe("too_many_attempts 300");
    // Nobody else notices.
    expect(await guess(throttling, "bob@example.com", right)).toBe("in");
  });

  test("TH-03: after 100 wrong guesses in a row none is taken, however long one waits, until somebody opens it", async () => {
    const { clock, store, throttling, settle } = await open();
    const { id, email } = await newAccount(store);
    for (const _ of times(100, () => 0)) {
      expect(await guess(throttling, email)).toBe("invalid_credentials");
      await settle();
      clock.advanceSeconds(300);
    }
    expect(await guess(throttling, email, right)).toBe("too_many_attempts 86400");
    await settle();
    clock.advanceSeconds(86_400);
    expect(await guess(throttling, email, right)).toBe("too_many_attempts 86400");
    expect(await throttling.unlock(email, { actorId: "operator" })).toEqual({ guessesInARow: 100 });
    expect(await throttling.unlock(email, { actorId: "operator" })).toBeUndefined();
    expect(await guess(throttling, email, right)).toBe("in");
    await settle();
    expect(await eventsOf(store, id)).toEqual([
      "account_created",
      "guessing_locked",
      "guessing_refused",
      "guessing_unlocked",
    ]);
  });

  test("TH-03: a right guess ends the row of wrong ones", async () => {
    const { clock, throttling } = await open();
    for (const _ of times(3, () => 0)) {
      for (const index of times(99, (each) => each)) {
        expect(await guess(throttling, "ada@example.com"), `guess ${index}`).toBe("invalid_credentials");
        clock.advanceSeconds(300);
      }
      expect(await guess(throttling, "ada@example.com", right)).toBe("in");
    }
  });

  test("a source gets 100 wrong guesses at once and then one in 10 seconds; its refusals cost no account anything", async () => {
    const { clock, throttling } = await open();
    for (const index of times(100, (each) => each))
      expect(await guess(throttling, `${index}@example.com`)).toBe("invalid_credentials");
    for (const _ of times(30, () => 0))
      expect(await guess(throttling, "ada@example.com")).toBe("too_many_attempts 10");
    for (const _ of times(10, () => 0))
      expect(await guess(throttling, "ada@example.com", wrong, "203.0.113.9")).toBe("invalid_credentials");
    clock.advanceSeconds(10);
    expect(await guess(throttling, "bob@example.com")).toBe("invalid_credentials");
    expect(await guess(throttling, "bob@example.com")).toBe("too_many_attempts 10");
  });

  test("what an account refuses costs the source nothing", async () => {
    const { throttling } = await open();
    for (const _ of times(10, () => 0)) await guess(throttling, "ada@example.com");
    for (const _ of times(200, () => 0))
      expect(await guess(throttling, "ada@example.com")).toBe("too_many_attempts 300");
    for (const index of times(90, (each) => each))
      expect(await guess(throttling, `${index}@example.com`)).toBe("invalid_credentials");
    expect(await guess(throttling, "last@example.com")).toBe("too_many_attempts 10");
  });

  test("right guesses, and attempts without a comparison, cost nothing", async () => {
    const { throttling } = await open();
    const costless = [
      right,
      failing(new ServiceError("busy")),
      failing(new ServiceError("unavailable")),
      failing(new ServiceError("password_too_long")),
    ];
    for (const _ of times(40, () => 0))
      for (const check of costless) await guess(throttling, "ada@example.com", check);
    const broken = throttling.guess(
      { addressKey: "ada@example.com", origin: { address: home } },
      failing(new TypeError("a mistake of ours")),
    );
    await expect(broken).rejects.toThrow("a mistake of ours");
    for (const _ of times(10, () => 0))
      expect(await guess(throttling, "ada@example.com")).toBe("invalid_credentials");
    expect(await guess(throttling, "ada@example.com")).toBe("too_many_attempts 300");
  });

  test("right guesses that come at once wait for each other, for one account and from one source", async () => {
    const { throttling } = await open();
    const slow: Check = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return "in";
    };
    for (const _ of times(5, () => 0)) await guess(throttling, "ada@example.com");
    const outcomes = await Promise.all([
      ...times(64, () => guess(throttling, "ada@example.com", slow)),
      ...times(120, (index) => guess(throttling, `${index}@example.com`, slow)),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["in"]));
  });

  test("whoever has waited for others of their account has that much less to wait for a hash", async () => {
    const { throttling } = await open();
    const guesser = { addressKey: "ada@example.com", origin: { address: home } };
    const askedMs: number[] = [];
    const untilMs: number[] = [];
    const ask = (): Promise<string> => {
      askedMs.push(performance.now());
      return throttling.guess(guesser, async (until) => {
        untilMs.push(until);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return "in";
      });
    };
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(["in", "in", "in"]);
    const left = untilMs.map((until, index) => until - (askedMs[index] ?? 0));
    for (const ms of left) expect(Math.abs(ms - 600_000)).toBeLessThan(100);
  });

  test("TH-02: of 500 guesses, 50 of them at a time, no more than 10 are compared", async () => {
    const { throttling } = await open({ guessesPerSource: 1000 });
    let compared = 0;
    const slow: Check = async () => {
      compared += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return wrong();
    };
    const outcomes: string[] = [];
    const one = async (): Promise<void> => {
      for (const _ of times(10, () => 0)) outcomes.push(await guess(throttling, "ada@example.com", slow));
    };
    await Promise.all(times(50, one));
    expect(outcomes).toHaveLength(500);
    expect(compared).toBe(10);
    expect(new Set(outcomes)).toEqual(new Set(["invalid_credentials", "too_many_attempts 300"]));
  });

  test("TH-04: whoever is logged in is counted apart: a flood from elsewhere does not reach them, nor they the flood", async () => {
    const { throttling } = await open();
    const addressKey = "ada@example.com";
    for (const _ of times(11, () => 0)) await guess(throttling, addressKey);
    const known = (check: Check): Promise<string> =>
      outcomeOf(() => throttling.guess({ addressKey, origin: { address: home }, device: "sessions" }, check));
    expect(await known(right)).toBe("in");
    for (const _ of times(10, () => 0)) expect(await known(wrong)).toBe("invalid_credentials");
    expect(await known(right)).toBe("too_many_attempts 300");
    expect(await guess(throttling, "bob@example.com")).toBe("invalid_credentials");
  });

  test("TH-06: a source is one however its address is written", async () => {
    const { throttling } = await open();
    const within = times(
      101,
      (index) => `2001:db8:1:2:${index.toString(16)}::${randomBytes(1).toString("hex")}`,
    );
    const outcomes: string[] = [];
    for (const [index, address] of within.entries())
      outcomes.push(await guess(throttling, `${index}@example.com`, wrong, address));
    expect(outcomes.filter((outcome) => outcome === "invalid_credentials")).toHaveLength(100);
    expect(await guess(throttling, "ada@example.com", right, "2001:db8:1:3::1")).toBe("in");
  });

  test("a source may sign up 100 times at once, then once in 10 seconds, and mistakes in the form cost nothing", async () => {
    const { throttling } = await open();
    const signup = (make: Check): Promise<string> =>
      outcomeOf(() => throttling.signup({ address: home }, make));
    for (const _ of times(120, () => 0))
      expect(await signup(failing(new ServiceError("password_too_short")))).toBe("password_too_short");
    for (const _ of times(60, () => 0)) expect(await signup(right)).toBe("in");
    for (const _ of times(40, () => 0))
      expect(await signup(failing(new ServiceError("email_taken")))).toBe("email_taken");
    expect(await signup(right)).toBe("too_many_attempts 10");
    // A flood of sign-ups is not one of guesses.
    expect(await guess(throttling, "ada@example.com")).toBe("invalid_credentials");
  });

  test("the trail has the beginning of refusals once, and nothing about addresses without an account", async () => {
    const { store, throttling, settle } = await open();
    const { id, email } = await newAccount(store);
    for (const _ of times(40, () => 0)) {
      await guess(throttling, email);
      await guess(throttling, "nobody@example.com");
    }
    for (const index of times(100, (each) => each)) await guess(throttling, `${index}@example.com`);
    await settle();
    const rows = await store.audit.list({ limit: 100 });
    expect(
      rows.toReversed().map(({ event, userId, address, detail }) => ({ event, userId, address, detail })),
    ).toEqual([
      { event: "account_created", userId: id, address: null, detail: { roles: ["user"] } },
      { event: "guessing_refused", userId: id, address: home, detail: { by: "account" } },
      { event: "guessing_refused", userId: null, address: home, detail: { by: "source" } },
    ]);
  });

  test("the table names neither addresses nor sources", async () => {
    const { store, throttling } = await open();
    const [buckets] = await bucketsOf([store], Date.now);
    await guess(throttling, "ada@example.com");
    await buckets?.stop();
    const kept = JSON.stringify((await sql`select * from throttles`.execute(store.db)).rows);
    expect(kept).not.toMatch(/ada|example|192/);
  });
});

test("one process takes no more attempts in hand than it may", async () => {
  const store = await openOn("sqlite::memory:");
  const [buckets] = await bucketsOf([store], Date.now);
  if (buckets === undefined) throw new TypeError("nothing was opened");
  const { throttling } = throttlingOn(store, buckets, { guessesPerSource: 10_000 });
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting: Check = async () => {
    await released;
    return "in";
  };
  const running = times(1024, (index) => guess(throttling, `${index}@example.com`, waiting));
  expect(await guess(throttling, "ada@example.com", right)).toBe("busy");
  release();
  expect(new Set(await Promise.all(running))).toEqual(new Set(["in"]));
  expect(await guess(throttling, "ada@example.com", right)).toBe("in");
});

test("TH-11: no password is compared while the counts cannot be read", async () => {
  const store = await openOn("sqlite::memory:");
  const [buckets] = await bucketsOf([store], Date.now);
  if (buckets === undefined) throw new TypeError("nothing was opened");
  const away = { ...buckets, take: () => Promise.reject(new StoreError("unavailable", "away")) };
  const { throttling } = throttlingOn(store, away);
  let compared = 0;
  const check: Check = async () => `${(compared += 1)}`;
  const guesser = { addressKey: "ada@example.com", origin: { address: home } };
  await expect(throttling.guess(guesser, check)).rejects.toMatchObject({ code: "unavailable" });
  expect(compared).toBe(0);
});

test("TH-01: a process takes no more attempts in hand than can be hashed while one waits; beyond, nothing is asked or counted", async () => {
  const patienceMs = 20;
  const most = (availableParallelism() * patienceMs) / 10;
  const store = await openOn("sqlite::memory:");
  const [buckets] = await bucketsOf([store], Date.now);
  if (buckets === undefined) throw new TypeError("nothing was opened");
  const take = vi.spyOn(buckets, "take");
  const { throttling } = throttlingOn(store, buckets, {}, patienceMs);
  const { promise: end, resolve } = Promise.withResolvers<string>();
  const ask = (index: number, device?: string): Promise<string> => {
    const guesser = { addressKey: `${index}@example.com`, origin: { address: `192.0.2.${index}` }, device };
    return outcomeOf(() => throttling.guess(guesser, () => end));
  };
  const underWay = times(most, (index) => ask(index));
  expect(await ask(most)).toBe("busy");
  await expect.poll(() => take.mock.calls.length).toBe(2 * most);
  // Known devices have places of their own.
  const known = ask(most, "phone");
  resolve("in");
  expect(await Promise.all([...underWay, known])).toEqual(times(most + 1, () => "in"));
  expect(await ask(most)).toBe("in");
});
