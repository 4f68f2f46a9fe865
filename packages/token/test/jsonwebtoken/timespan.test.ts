import { describe, expect, test } from "vitest";
import { endOfSpan } from "../../src/jsonwebtoken/timespan.ts";

/** Seconds, and every name for so many. */
const units: readonly (readonly [seconds: number, names: readonly string[]])[] = [
  [0.001, ["", "ms", "msec", "msecs", "millisecond", "milliseconds"]],
  [1, ["s", "sec", "secs", "second", "seconds"]],
  [60, ["m", "min", "mins", "minute", "minutes"]],
  [3600, ["h", "hr", "hrs", "hour", "hours"]],
  [86_400, ["d", "day", "days"]],
  [604_800, ["w", "week", "weeks"]],
  [31_557_600, ["y", "yr", "yrs", "year", "years"]],
];

describe.each(units)("a span of %d seconds", (seconds, names) => {
  test.each(names)('is written "%s"', (name) => {
    for (const text of [`4000${name}`, `4000 ${name.toUpperCase()}`]) {
      expect(endOfSpan(text, 10), text).toBe(10 + 4000 * seconds);
    }
  });

  test.each(names)('is not written as more than "%s"', (name) => {
    for (const other of [`x${name}`, `${name}x`]) {
      expect(endOfSpan(`4000 ${other}`, 10), other).toBe(undefined);
    }
  });
});
