import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestName, unknownNames } from "../../src/settings/unknown-options.ts";

test("the nearest name takes the fewest changes", () => {
  expect(nearestName("prot", ["host", "port", "issuer"])).toBe("port");
  expect(nearestName("isuer", ["host", "port", "issuer"])).toBe("issuer");
  expect(nearestName("databaseUrl", ["dataDir", "database"])).toBe("database");
  expect(nearestName("anything", [])).toBeUndefined();
});

test("a name that exists is its own nearest, whichever others there are", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (name, others) => {
      expect(nearestName(name, [...others, name])).toBe(name);
    }),
  );
});

test("names that exist are not told", () => {
  expect(unknownNames("option", ["port", "prot"], new Set(["port"]))).toEqual([
    "there is no option prot; the nearest is port",
  ]);
});
