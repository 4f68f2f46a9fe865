import { createClient } from "@countersign/client";
import { createApp } from "@countersign/server";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { secondVerifierRoutes } from "../src/second-verifier.ts";

const person = { email: "ada@example.com", password: "tangerine violin ledger" };

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function start(initialAlgorithm: "ES256" | "HS256"): Promise<string> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const masterKey = randomBytes(32).toString("base64url");
  const app = createApp(
    { issuer, databaseUrl: "sqlite::memory:", masterKey, initialAlgorithm },
    { logger: false },
  );
  await app.register(secondVerifierRoutes, { issuer });
  onTestFinished(() => app.close());
  return app.listen({ host: "127.0.0.1", port });
}

test("the second verifier lets a token in by itself, and refuses it after the log-out, as the server does", async () => {
  const baseUrl = await start("ES256");
  const client = createClient({ baseUrl });
  await client.signup(person);
  await client.login(person);
  const headers = { authorization: `Bearer ${await client.getAccessToken()}` };
  const ask = async (path: string): Promise<number> =>
    (await fetch(`${baseUrl}/${path}`, { headers })).status;
  expect(await ask("second-verifier")).toBe(200);
  await client.logout();
  expect(await ask("me")).toBe(401);
  await expect.poll(() => ask("second-verifier"), { timeout: 20_000, interval: 5 }).toBe(401);
});

test("the second verifier checks nothing that a secret signed", async () => {
  const baseUrl = await start("HS256");
  const client = createClient({ baseUrl });
  await client.signup(person);
  await client.login(person);
  const headers = { authorization: `Bearer ${await client.getAccessToken()}` };
  expect((await fetch(`${baseUrl}/second-verifier`, { headers })).status).not.toBe(200);
});
