import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ServiceError } from "../../src/errors.ts";
import { createRenewalRateLimit, type RenewalRateLimit } from "../../src/tokens/renewal-rate-limit.ts";

const sid = "session";
let nowMs = 0;
const clock = (): number => nowMs;

/** How long the renewal must wait; 0 if it may go on. */
function waitOf(limit: RenewalRateLimit, session = sid, generation = 0): number {
  try {
    limit.admit({ sid: session, generation });
    return 0;
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: "too_many_renewals", statusCode: 429 });
    return (error as ServiceError).retryAfterSeconds ?? Number.NaN;
  }
}

/** How many renewals, one after another without a pause, may go on before one must wait. */
function admitted(limit: RenewalRateLimit, session = sid, generation = 0): number {
  let count = 0;
  while (waitOf(limit, session, generation) === 0) count += 1;
  return count;
}

describe("RR-10: the limit of a session's renewals", () => {
  test.each([1, 7, 30, 10_000])("is four minutes' worth at once and then %d a minute", (perMinute) => {
    const limit = createRenewalRateLimit({ perMinute, nowMs: clock });
    expect(admitted(limit)).toBe(4 * perMinute);
    nowMs += 60_000;
    expect(admitted(limit)).toBe(perMinute);
    nowMs += 3_600_000;
    expect(admitted(limit)).toBe(4 * perMinute);
  });

  test("tells how long to wait, and waiting so long is enough however often it was asked meanwhile", () => {
    const limit = createRenewalRateLimit({ perMinute: 30, nowMs: clock });
    admitted(limit);
    for (let asked = 0; asked < 1000; asked += 1) expect(waitOf(limit)).toBe(2);
    nowMs += 500;
    expect(waitOf(limit)).toBe(2);
    nowMs += 1500;
    expect(waitOf(limit)).toBe(0);
    expect(waitOf(limit)).toBe(2);
  });

  test("is each session's own", () => {
    const limit = createRenewalRateLimit({ perMinute: 30, nowMs: clock });
    admitted(limit);
    expect(waitOf(limit, "another")).toBe(0);
  });

  test("is no limit where there is to be none", () => {
    const limit = createRenewalRateLimit({ perMinute: null });
    for (let asked = 0; asked < 10_000; asked += 1) expect(waitOf(limit)).toBe(0);
  });

  test("never lets through more than a burst and the rate, whenever and with whatever generation they come", () => {
    const arrivals = fc.array(fc.tuple(fc.nat({ max: 20_000 }), fc.nat({ max: 3 })), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (steps, perMinute) => {
        const limit = createRenewalRateLimit({ perMinute, nowMs: clock });
        const passed: number[] = [];
        for (const [pauseMs, generation] of steps) {
          nowMs += pauseMs;
          if (waitOf(limit, sid, generation) === 0) passed.push(nowMs);
        }
        for (const [index, from] of passed.entries()) {
          for (const [later, to] of passed.entries()) {
            if (later < index) continue;
            // Two buckets: onward and back.
            expect(later - index + 1).toBeLessThanOrEqual(
              2 * (4 * perMinute + ((to - from + 1) / 60_000) * perMinute),
            );
          }
        }
      }),
    );
  });

  test("RR-03: leaves room for an older generation, so that a thief who renews in a loop is noticed all the same", () => {
    const limit = createRenewalRateLimit({ perMinute: 30, nowMs: clock });
    for (let generation = 1; generation <= 120; generation += 1) {
      expect(waitOf(limit, sid, generation)).toBe(0);
    }
    expect(waitOf(limit, sid, 121)).toBe(2);
    expect(waitOf(limit, sid, 120)).toBe(2);
    expect(admitted(limit, sid, 1)).toBe(120);
    expect(waitOf(limit, sid, 2)).toBe(2);
  });

  test("remembers the half of its sessions that came last, and no more than it may", () => {
    const maxSessions = 100;
    const limit = createRenewalRateLimit({ perMinute: 1, maxSessions, nowMs: clock });
    admitted(limit);
    // Whoever goes on is not forgotten, also when refused.
    for (let other = 0; other < 10 * maxSessions; other += 1) {
      waitOf(limit, `other ${other}`);
      if (other % 40 === 0) expect(waitOf(limit)).toBeGreaterThan(0);
    }
    expect(admitted(limit, `other ${10 * maxSessions - 49}`)).toBe(3);
    for (let other = 0; other < maxSessions; other += 1) waitOf(limit, `later ${other}`);
    expect(waitOf(limit)).toBe(0);
  });
});
