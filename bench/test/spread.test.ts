import fc from "fast-check";
import { expect, test } from "vitest";
import { quantile, spreadOf } from "../spread.ts";

test("the spread of one to five is its middle and its quarters, in whatever order they come", () => {
  expect(spreadOf([5, 3, 1, 4, 2])).toEqual({ median: 3, low: 2, high: 4 });
});

test("between two samples a quantile lies in proportion", () => {
  expect(quantile([10, 20], 0.5)).toBe(15);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
});

test("no sample has no median", () => {
  expect(spreadOf([]).median).toBeNaN();
});

test("a quantile never lies outside of its samples, and grows with the share", () => {
  const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(samples, share, share, (values, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(quantile(values, less)).toBeGreaterThanOrEqual(Math.min(...values));
      expect(quantile(values, more)).toBeLessThanOrEqual(Math.max(...values) * (1 + 1e-9));
      expect(quantile(values, less)).toBeLessThanOrEqual(quantile(values, more) * (1 + 1e-9));
    }),
  );
});
