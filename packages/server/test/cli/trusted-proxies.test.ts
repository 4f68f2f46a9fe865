import fc from "fast-check";
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { readTrustedProxies } from "../../src/cli/trusted-proxies.ts";
import { countersign, newFolder } from "./installations.ts";
import { type Served, startServedIn } from "./served.ts";

describe("TP-01: the list of trusted proxies", () => {
  it.each([
    ["127.0.0.1", ["127.0.0.1"]],
    ["10.0.0.0/8, 2001:db8::/32,::1", ["10.0.0.0/8", "2001:db8::/32", "::1"]],
  ])("%j is %j", (list, expected) => {
    expect(readTrustedProxies(list)).toEqual(expected);
  });

  it.each([
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
    expect(readTrustedProxies(list)).toBeUndefined();
  });

  it("holds nothing that Fastify would not take", () => {
    const prefix = fc.option(fc.integer({ min: -1, max: 130 }), { nil: undefined });
    const entry = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string()), prefix)
      .map(([address, bits]) => (bits === undefined ? address : `${address}/${bits}`));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 3 }), (entries) => {
        const trustProxy = readTrustedProxies(entries.join(","));
        if (trustProxy !== undefined) Fastify({ trustProxy });
      }),
    );
  });
});

describe("countersign serve --trusted-proxies", () => {
  const statusOf = async ({ url }: Served): Promise<number> => {
    const response = await fetch(`${url}/me`, { headers: { "x-forwarded-proto": "http" } });
    await response.text();
    return response.status;
  };

  it("WB-10: believes those, by the option or COUNTERSIGN_TRUSTED_PROXIES, and nobody without it", async () => {
    const start = async (environment: Record<string, string>, ...args: string[]): Promise<Served> => {
      const served = await startServedIn(environment, "--data-dir", await newFolder(), ...args);
      onTestFinished(() => void served.process.kill("SIGKILL"));
      return served;
    };
    expect(await statusOf(await start({}, "--trusted-proxies", "10.0.0.1,127.0.0.1"))).toBe(403);
    expect(await statusOf(await start({ COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.0/8" }))).toBe(403);
    expect(await statusOf(await start({ COUNTERSIGN_TRUSTED_PROXIES: "" }))).toBe(401);
  });

  it("says what a list is, with every other mistake", () => {
    const { status, stderr } = countersign("serve", "--trusted-proxies", "all", "--port", "http");
    expect(status).toBe(2);
    expect(stderr).toContain("--trusted-proxies must be addresses or CIDR blocks with commas between");
    expect(stderr).toContain("--port must be");
  });
});
