import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestOf, unknownNames } from "../../src/settings/unknown-options.ts";

test("the nearest name takes the fewest changes, however many those are", () => {
  expect(nearestOf("prot", ["host", "port", "issuer"])).toBe("port");
  expect(nearestOf("isuer", ["host", "port", "issuer"])).toBe("issuer");
  expect(nearestOf("databaseUrl", ["dataDir", "database"])).toBe("database");
  expect(nearestOf("colour", ["port"])).toBe("port");
  expect(nearestOf("anything", [])).toBeUndefined();
});

test("a name that exists is its own nearest, whichever others there are", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (name, others) => {
      expect(nearestOf(name, [...others, name])?.toLowerCase()).toBe(name.toLowerCase());
    }),
  );
});

test("names that exist are not told", () => {
  expect(unknownNames("option", ["port", "prot"], new Set(["port"]))).toEqual([
    "there is no option prot; the nearest is port",
  ]);
});
