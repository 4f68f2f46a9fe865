import { describe, expect, onTestFinished, test } from "vitest";
import { countersign, newFolder } from "./installations.ts";
import { type Served, startServedIn } from "./served.ts";

describe("countersign serve --trusted-proxies", () => {
  const statusOf = async ({ url }: Served): Promise<number> => {
    const response = await fetch(`${url}/me`, { headers: { "x-forwarded-proto": "http" } });
    await response.text();
    return response.status;
  };

  test("WB-10: believes those, by the option or COUNTERSIGN_TRUSTED_PROXIES, and nobody without it", async () => {
    const start = async (environment: Record<string, string>, ...args: string[]): Promise<Served> => {
      const served = await startServedIn(environment, "--data-dir", await newFolder(), ...args);
      onTestFinished(() => void served.process.kill("SIGKILL"));
      return served;
    };
    expect(await statusOf(await start({}, "--trusted-proxies", "10.0.0.1,127.0.0.1"))).toBe(403);
    expect(await statusOf(await start({ COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.0/8" }))).toBe(403);
    expect(await statusOf(await start({ COUNTERSIGN_TRUSTED_PROXIES: "" }))).toBe(401);
  });

  test("says what a list is, with every other mistake", () => {
    const { status, stderr } = countersign("serve", "--trusted-proxies", "all", "--port", "http");
    expect(status).toBe(2);
    expect(stderr).toContain("--trusted-proxies must be addresses or CIDR blocks with commas between");
    expect(stderr).toContain("--port must be");
  });
});
