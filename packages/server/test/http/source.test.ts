import fc from "fast-check";
import { expect, test } from "vitest";
import { sourceOf } from "../../src/http/source.ts";

test("TH-06: every spelling of an address is one source", () => {
  const spellings = [
    "2001:db8:0:1::5",
    "2001:DB8:0:1::5",
    "2001:0db8:0000:0001:0000:0000:0000:0005",
    "2001:db8:0:1:0:0:0:5",
    "2001:db8:0:1::0:5",
    "2001:db8::1:0:0:0:5",
    "2001:db8:0:1::5%eth0",
  ];
  expect(new Set(spellings.map(sourceOf))).toEqual(new Set(["2001:db8:0:1::/64"]));
  const mapped = ["192.0.2.7", "::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:192.0.2.7"];
  expect(new Set(mapped.map(sourceOf))).toEqual(new Set(["192.0.2.7"]));
});

test("TH-06: all addresses of one /64 are one source, and those of the next are another", () => {
  const group = fc.nat({ max: 0xffff }).map((number) => number.toString(16));
  fc.assert(
    fc.property(fc.array(group, { minLength: 4, maxLength: 4 }), (host) => {
      expect(sourceOf(`2001:db8:7:8:${host.join(":")}`)).toBe("2001:db8:7:8::/64");
      expect(sourceOf(`2001:db8:7:9:${host.join(":")}`)).toBe("2001:db8:7:9::/64");
    }),
  );
});

test("IPv4 addresses are sources by themselves, and what is no address is one source", () => {
  expect(sourceOf("192.0.2.1")).not.toBe(sourceOf("192.0.2.2"));
  expect(new Set([null, undefined, "", "nonsense", "1.2.3"].map(sourceOf)).size).toBe(1);
});
