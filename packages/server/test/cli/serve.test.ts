import { createAccessVerifier } from "@countersign/verifier";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { openEventSource } from "../feed/event-source.ts";
import { countersign, newFolder, printedBy } from "./installations.ts";
import { servedIssuer, startServed, startServedIn } from "./served.ts";

const account = { email: "ada@example.com", password: "tangerine violin ledger" };

describe("countersign serve", () => {
  test("signs with ES256 for verifiers elsewhere, who learn keys and log-outs from it alone", async () => {
    const served = await startServed("--data-dir", await newFolder());
    onTestFinished(() => void served.process.kill("SIGKILL"));
    const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(served.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    await post("/signup", account);
    const { access_token: token } = (await (await post("/login", account)).json()) as {
      access_token: string;
    };
    const authorization = `Bearer ${token}`;

    const verifier = createAccessVerifier({
      issuer: servedIssuer,
      audience: servedIssuer,
      // The issuer's name leads to this process, as a name server would have it.
      fetch: (url, init) => fetch(url.replace(servedIssuer, served.url), init),
    });
    onTestFinished(() => verifier.close());
    await verifier.ready();
    expect(await verifier.authenticate(authorization)).toMatchObject({ roles: ["user"] });
    expect((await post("/logout", {}, { authorization })).status).toBe(204);
    const refusal = async (): Promise<unknown> => {
      try {
        await verifier.authenticate(authorization);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    await expect.poll(refusal, { interval: 10, timeout: 5000 }).toMatchObject({ status: 401 });
  });

  test("stops on SIGTERM with its streams ended, and logs JSON", async () => {
    const served = await startServed("--data-dir", await newFolder(), "--algorithm", "Ed25519");
    onTestFinished(() => void served.process.kill("SIGKILL"));
    const jwks = (await (await fetch(`${served.url}/.well-known/jwks.json`)).json()) as {
      keys: { alg: string }[];
    };
    expect(jwks.keys.map(({ alg }) => alg)).toEqual(["Ed25519"]);
    const subscriber = await openEventSource(`${served.url}/revocations`);
    await subscriber.until((events) => events.length > 0);
    expect(await served.stop()).toBe(0);
    expect(await subscriber.ended).toBe("");
    for (const line of served.log) expect(JSON.parse(line)).toMatchObject({ level: 30 });
  });

  test("KM-01: keeps the algorithm that the keys were rotated to by hand, until another is asked for", async () => {
    const where = ["--data-dir", await newFolder()];
    const runKeys = (...args: string[]): Promise<string> => printedBy("keys", ...args, ...where);
    const listed = async (): Promise<string[]> => {
      const found = JSON.parse(await runKeys("list", "--json")) as { state: string; algorithm: string }[];
      return found.map(({ state, algorithm }) => `${state} ${algorithm}`);
    };
    const startAndStop = async (...args: string[]): Promise<void> => {
      const served = await startServed(...where, ...args);
      expect(await served.stop()).toBe(0);
    };
    await startAndStop();
    expect(await listed()).toEqual(["active ES256"]);
    expect(await runKeys("rotate", "--algorithm", "Ed25519")).toMatch(/Ed25519.* signs from/);
    await startAndStop();
    expect(await listed()).toEqual(["active ES256", "pending Ed25519"]);
    await runKeys("rotate", "--algorithm", "Ed25519", "--immediately");
    await startAndStop();
    expect(await listed()).toEqual(["retiring ES256", "active Ed25519"]);
    await startAndStop("--algorithm", "ES256");
    expect(await listed()).toEqual(["retiring ES256", "active Ed25519", "pending ES256"]);
  });

  test("KM-01: COUNTERSIGN_ALGORITHM asks for a change as the option does, and begins with it", async () => {
    const where = ["--data-dir", await newFolder()];
    const algorithms = async (environment: Record<string, string>): Promise<string[]> => {
      const served = await startServedIn(environment, ...where);
      const jwks = (await (await fetch(`${served.url}/.well-known/jwks.json`)).json()) as {
        keys: { alg: string }[];
      };
      expect(await served.stop()).toBe(0);
      return jwks.keys.map(({ alg }) => alg);
    };
    expect(await algorithms({ COUNTERSIGN_ALGORITHM: "Ed25519" })).toEqual(["Ed25519"]);
    expect(await algorithms({})).toEqual(["Ed25519"]);
    expect(await algorithms({ COUNTERSIGN_ALGORITHM: "ES256" })).toEqual(["Ed25519", "ES256"]);
  });

  test("admits to /introspect whom the environment names, and says which variables it ignored", async () => {
    const secret = randomBytes(32).toString("base64url");
    const links = { COUNTERSIGN_PORT: "tcp://10.0.0.1:3001", COUNTERSIGN_SERVICE_HOST: "10.0.0.1" };
    const environment = { ...links, COUNTERSIGN_INTROSPECTION_CLIENTS: JSON.stringify({ api: secret }) };
    const served = await startServedIn(environment, "--data-dir", await newFolder());
    onTestFinished(() => void served.process.kill("SIGKILL"));
    const statusFor = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`api:${password}`).toString("base64")}`;
      const body = new URLSearchParams({ token: "unknown" });
      const response = await fetch(`${served.url}/introspect`, {
        method: "POST",
        headers: { authorization },
        body,
      });
      await response.text();
      return response.status;
    };
    expect(await statusFor(secret)).toBe(200);
    expect(await statusFor("another")).toBe(401);
    expect(await served.stop()).toBe(0);
    const ignored = served.log.filter((line) => line.includes("Kubernetes"));
    expect(ignored.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 30, variables: Object.keys(links) }),
    ]);
    expect(served.log.join("\n")).not.toContain(secret);
  });

  test("tells every mistake at once and exits with 2", () => {
    const { status, stderr } = countersign(
      "serve",
      "--port",
      "http",
      "--database",
      "mysql://x",
      "--verbose",
      "1",
    );
    expect(status).toBe(2);
    expect(stderr).toContain("--port must be a whole number from 0 to 65535");
    expect(stderr).toContain("--database must be");
    expect(stderr).toContain("there is no option --verbose");
    expect(stderr).not.toContain("at ");
  });

  test("needs the issuer's name where no URL follows from the address", () => {
    expect(countersign("serve", "--host", "0.0.0.0").stderr).toContain(
      "--issuer is needed with --host 0.0.0.0",
    );
  });

  test("explains itself and knows its version", () => {
    for (const args of [["--help"], ["serve", "--help"]]) {
      expect(countersign(...args)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining("Usage: countersign"),
      });
    }
    expect(countersign("--version")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(countersign("sing")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no command "sing"'),
    });
  });
});
