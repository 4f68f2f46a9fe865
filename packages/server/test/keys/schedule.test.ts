import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueChange } from "../../src/keys/schedule.ts";
import type { SigningKeyState, StoredKey } from "../../src/keys/stored-key.ts";

const schedule = { rotationIntervalSeconds: 3600, publishSeconds: 600 };

function key(state: SigningKeyState, times: Partial<StoredKey> = {}): StoredKey {
  return {
    kid: state,
    algorithm: "ES256",
    state,
    sealed: Buffer.of(1),
    createdAtMs: 0,
    promoteAtMs: 0,
    activatedAtMs: undefined,
    keepUntilMs: undefined,
    retiredAtMs: undefined,
    revokedAtMs: undefined,
    ...times,
  };
}

describe("the schedule of signing keys", () => {
  test("KM-01: the first key is due where none is active", () => {
    expect(dueChange({ nowMs: 0, keys: [] }, schedule)).toEqual({ change: "create" });
    expect(dueChange({ nowMs: 0, keys: [key("retiring")] }, schedule)).toEqual({ change: "create" });
  });

  test("KM-01: a successor is staged so early that it is published in time", () => {
    const active = key("active", { activatedAtMs: 1_000_000 });
    expect(dueChange({ nowMs: 1_000_000 + 2_999_999, keys: [active] }, schedule)).toBeUndefined();
    expect(dueChange({ nowMs: 1_000_000 + 3_000_000, keys: [active] }, schedule)).toEqual({
      change: "stage",
      algorithm: "ES256",
    });
  });

  test("KM-01: a pending key is promoted at its time and not before, and no second one is staged", () => {
    const keys = [key("active", { activatedAtMs: 0 }), key("pending", { promoteAtMs: 9_000_000 })];
    expect(dueChange({ nowMs: 8_999_999, keys }, schedule)).toBeUndefined();
    expect(dueChange({ nowMs: 9_000_000, keys }, schedule)).toEqual({
      change: "promote",
      pending: "pending",
      active: "active",
    });
  });

  test("KM-01: a retiring key goes at its time and not before", () => {
    const keys = [key("active", { activatedAtMs: 500_000 }), key("retiring", { keepUntilMs: 1_020_000 })];
    expect(dueChange({ nowMs: 1_019_999, keys }, schedule)).toBeUndefined();
    expect(dueChange({ nowMs: 1_020_000, keys }, schedule)).toEqual({ change: "retire" });
  });

  test("KM-01: nothing is ever promoted before its time or retired while tokens may live, whatever stands there", () => {
    const time = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(time, time, time, time, (nowMs, activatedAtMs, promoteAtMs, keepUntilMs) => {
        const keys = [
          key("active", { activatedAtMs }),
          key("pending", { promoteAtMs }),
          key("retiring", { keepUntilMs }),
        ];
        const due = dueChange({ nowMs, keys }, schedule);
        if (due?.change === "promote") expect(promoteAtMs).toBeLessThanOrEqual(nowMs);
        else if (due?.change === "retire") expect(keepUntilMs).toBeLessThanOrEqual(nowMs);
        else expect([due, promoteAtMs > nowMs, keepUntilMs > nowMs]).toEqual([undefined, true, true]);
      }),
    );
  });
});
