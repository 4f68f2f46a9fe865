import fc from "fast-check";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/settings/judging.ts";
import { optionTable, pickOptions } from "../../src/settings/options.ts";

const table = pickOptions(optionTable, (name) => name === "trustedProxies");

/** What `countersign serve` trusts if this is said; undefined if it refuses the text. */
function trusted(text: string): string[] | undefined {
  const value = table["trustedProxies"]?.kind.parse(text);
  const { values, problems } = judge(
    table,
    new Map([["trustedProxies", { value, label: "--trusted-proxies" }]]),
  );
  return problems.length > 0 ? undefined : (values["trustedProxies"] as string[]);
}

describe("TP-01: the list of trusted proxies", () => {
  test.each([
    ["127.0.0.1", ["127.0.0.1"]],
    ["10.0.0.0/8, 2001:db8::/32,::1", ["10.0.0.0/8", "2001:db8::/32", "::1"]],
  ])("%j is %j", (list, expected) => {
    expect(trusted(list)).toEqual(expected);
  });

  test.each([
    "",
    ",",
    "127.0.0.1,",
    "true",
    "1",
    "*",
    "localhost",
    "loopback",
    "10.0.0.0/0",
    "::/0",
    "10.0.0.0/33",
    "::1/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0/8",
    "010.0.0.1",
    "10.0.0.1 10.0.0.2",
    "http://10.0.0.1",
  ])("%j is none", (list) => {
    expect(trusted(list)).toBeUndefined();
  });

  test("holds nothing that Fastify would not take", () => {
    const prefix = fc.option(fc.integer({ min: -1, max: 130 }), { nil: undefined });
    const entry = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string()), prefix)
      .map(([address, bits]) => (bits === undefined ? address : `${address}/${bits}`));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 3 }), (entries) => {
        const trustProxy = trusted(entries.join(","));
        if (trustProxy !== undefined) Fastify({ trustProxy });
      }),
    );
  });
});
