/** Names of options that nobody knows: refused, with the one that may be meant. */
import { describe, expect, test } from "vitest";
import { assertKnownOptions, createVerifier, nearestName } from "../src/index.ts";

const names = ["issuer", "audience", "clockToleranceSeconds", "now"];

describe("an unknown option", () => {
  test("is refused, and the nearest known one is named", () => {
    const refusals: [unknown: string, message: string][] = [
      ["isuer", "unknown option isuer; is issuer meant?"],
      ["Issuer", "unknown option Issuer; is issuer meant?"],
      ["clockTolerance", "unknown option clockTolerance; is clockToleranceSeconds meant?"],
      ["nwo", "unknown option nwo"],
      ["colour", "unknown option colour"],
    ];
    for (const [unknown, message] of refusals) {
      expect(() => assertKnownOptions({ issuer: "x", [unknown]: 1 }, names)).toThrow(new TypeError(message));
    }
    expect(() => createVerifier({ audiences: "x" } as never)).toThrow("is audience meant?");
  });

  test("of a group is named with the group", () => {
    expect(() => assertKnownOptions({ audeince: 1 }, names, "group.")).toThrow(
      new TypeError("unknown option group.audeince; is group.audience meant?"),
    );
    expect(() => assertKnownOptions({ now: 1, issuer: 2 }, names, "group.")).not.toThrow();
  });

  test("is nearest to the name that takes the fewest changes, and to none that takes as many as half of the longer one", () => {
    expect(nearestName("", names)).toBeUndefined();
    expect(nearestName("n", names)).toBeUndefined();
    expect(nearestName("now", names)).toBe("now");
    expect(nearestName("audienc", ["audiences", "audience"])).toBe("audience");
    expect(nearestName("x", [])).toBeUndefined();
    expect(nearestName("x", new Set(names), () => true)).toBe("now");
    expect(nearestName("isuer", names, (changes, length) => changes === 0 && length > 0)).toBeUndefined();
  });
});
