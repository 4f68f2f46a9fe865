// Which tokens a revocation list calls dead, and what it forgets.
import { RevocationList } from "@countersign/verifier";
import type { Revocation } from "@countersign/verifier";
import fc from "fast-check";
import { expect, test } from "vitest";

const start = 1_800_000_000;

function setUp() {
  const clock = { now: start };
  return { clock, list: new RevocationList({ now: () => clock.now }) };
}

test("TV-14: a session's tokens from before the instant are dead, later ones and other sessions' live", () => {
  const { list } = setUp();
  list.apply({ sid: "a", tokens_before: start, expires_at: start + 600 });
  expect(list.isRevoked({ sid: "a", iat: start - 1 }, undefined)).toBe(true);
  expect(list.isRevoked({ sid: "a", iat: start }, undefined)).toBe(false);
  expect(list.isRevoked({ sid: "b", iat: start - 1 }, undefined)).toBe(false);
  expect(list.isRevoked({ iat: start - 1 }, undefined)).toBe(false);
});

test("TV-14: a global instant and a revoked key kill tokens of every session", () => {
  const { list } = setUp();
  list.apply({ tokens_before: start });
  list.apply({ kid: "k1" });
  expect(list.isRevoked({ sid: "a", iat: start - 1 }, "k2")).toBe(true);
  expect(list.isRevoked({ iat: start - 1 }, undefined)).toBe(true);
  expect(list.isRevoked({ sid: "a", iat: start }, "k1")).toBe(true);
  expect(list.isRevoked({ sid: "a", iat: start }, "k2")).toBe(false);
});

test("a token without iat is dead as soon as its session or everybody is listed", () => {
  const { list } = setUp();
  list.apply({ sid: "a", tokens_before: 0, expires_at: start + 600 });
  expect(list.isRevoked({ sid: "a" }, undefined)).toBe(true);
  expect(list.isRevoked({ sid: "b" }, undefined)).toBe(false);
  list.apply({ tokens_before: 0 });
  expect(list.isRevoked({ sid: "b" }, undefined)).toBe(true);
});

test("an older entry never revives what a newer one has killed", () => {
  const { list } = setUp();
  list.apply({ sid: "a", tokens_before: start, expires_at: start + 600 });
  list.apply({ sid: "a", tokens_before: start - 100, expires_at: start + 500 });
  list.apply({ tokens_before: start - 50 });
  list.apply({ tokens_before: start - 500 });
  expect(list.isRevoked({ sid: "a", iat: start - 1 }, undefined)).toBe(true);
  expect(list.isRevoked({ sid: "b", iat: start - 51 }, undefined)).toBe(true);
});

test("names like __proto__ are names like any other", () => {
  const { list } = setUp();
  expect(list.isRevoked({ sid: "__proto__", iat: 0 }, "constructor")).toBe(false);
  list.apply({ sid: "__proto__", tokens_before: start, expires_at: start + 600 });
  expect(list.isRevoked({ sid: "__proto__", iat: 0 }, undefined)).toBe(true);
  expect(list.isRevoked({ sid: "toString", iat: 0 }, undefined)).toBe(false);
});

test("forgets a session when no token of it can live any more, and not before", () => {
  const { list, clock } = setUp();
  for (let index = 0; index < 1000; index += 1) {
    list.apply({ sid: String(index), tokens_before: start, expires_at: start + 600 });
  }
  clock.now = start + 655;
  list.apply({ sid: "later", tokens_before: clock.now, expires_at: clock.now + 600 });
  expect(list.size).toBe(1001);
  clock.now = start + 720;
  list.apply({ sid: "last", tokens_before: clock.now, expires_at: clock.now + 600 });
  expect(list.size).toBe(2);
});

test("a list adds to what is known, and entries applied one by one come to the same", () => {
  const names = fc.constantFrom("a", "b", "c");
  const times = fc.integer({ min: start - 5, max: start + 5 });
  const entries: fc.Arbitrary<Revocation> = fc.oneof(
    fc.record({ sid: names, tokens_before: times, expires_at: fc.constant(start + 600) }),
    fc.record({ kid: names }),
    fc.record({ tokens_before: times }),
  );
  fc.assert(
    fc.property(fc.array(entries), fc.array(entries), (before, log) => {
      const { list: one } = setUp();
      const { list: two } = setUp();
      for (const entry of before) one.apply(entry);
      for (const [index, entry] of log.entries()) one.apply(entry, String(index + 1));
      for (const entry of before) two.apply(entry);
      two.update({
        cursor: String(log.length),
        tokens_before: log.reduce<number | null>(
          (latest, entry) =>
            "sid" in entry || "kid" in entry ? latest : Math.max(latest ?? 0, entry.tokens_before),
          null,
        ),
        sessions: log.filter((entry) => "sid" in entry),
        keys: log.filter((entry) => "kid" in entry).map(({ kid }) => kid),
      });
      if (log.length > 0) expect(two.cursor).toBe(one.cursor);
      for (const sid of ["a", "b", "c"]) {
        for (let iat = start - 6; iat <= start + 6; iat += 1) {
          expect(two.isRevoked({ sid, iat }, sid)).toBe(one.isRevoked({ sid, iat }, sid));
          expect(two.isRevoked({ sid, iat }, "d")).toBe(one.isRevoked({ sid, iat }, "d"));
        }
      }
    }),
  );
});

test("whoever observes hears of each entry and of a newer list, once it counts, until the observing ends", () => {
  const { list } = setUp();
  const heard: unknown[] = [];
  const end = list.observe((revocation) => {
    heard.push(revocation, list.isRevoked({ sid: "a", iat: start - 1 }, undefined));
  });
  const entry = { sid: "a", tokens_before: start, expires_at: start + 600 };
  list.apply(entry);
  list.update({ cursor: "3", tokens_before: null, sessions: [], keys: ["k1"] });
  end();
  list.apply(entry);
  expect(heard).toEqual([entry, true, undefined, true]);
});

test("an observer that throws keeps neither the entry from counting nor another observer from hearing of it", () => {
  const { list } = setUp();
  let heard = 0;
  list.observe(() => {
    throw new RangeError("the observer is broken");
  });
  list.observe(() => (heard += 1));
  list.apply({ kid: "k1" });
  expect([heard, list.isRevoked({ iat: start }, "k1")]).toEqual([1, true]);
});
