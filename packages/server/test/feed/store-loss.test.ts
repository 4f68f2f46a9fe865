import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { type PostgresCluster, startPostgres } from "../postgres-cluster.ts";
import { type EventSource, openEventSource } from "./event-source.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** The default, within which the refusal is with who asked. */
const statementTimeoutMs = 2000;
const backWithinMs = 5000;
const account = { email: "ada@example.com", password: "tangerine violin ledger" };

let cluster: PostgresCluster;
let proxy: TcpProxy;
let app: FastifyInstance;
let url: string;
let tokens: { readonly access_token: string; readonly refresh_token: string };

beforeAll(async () => {
  cluster = await startPostgres();
  const databaseUrl = new URL(await cluster.newSchema());
  proxy = await startTcpProxy({ host: databaseUrl.hostname, port: Number(databaseUrl.port) });
  databaseUrl.port = String(proxy.port);
  app = createApp(
    {
      issuer: "https://api.example.com",
      databaseUrl: databaseUrl.href,
      masterKey: randomBytes(32).toString("base64url"),
    },
    { logger: false },
  );
  await app.register(async (routes) => {
    routes.get("/guarded", { onRequest: app.auth.required() }, async () => "in");
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  await post("/signup", account);
  tokens = (await (await post("/login", account)).json()) as typeof tokens;
});

afterAll(async () => {
  await app.close();
  await proxy.close();
  await cluster.destroy();
});

function post(path: string, body: object | URLSearchParams): Promise<Response> {
  if (body instanceof URLSearchParams) return fetch(url + path, { method: "POST", body });
  const headers = { "content-type": "application/json" };
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

const renew = (): Promise<Response> =>
  post("/token", new URLSearchParams({ grant_type: "refresh_token", refresh_token: tokens.refresh_token }));

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${tokens.access_token}` });

/** What needs the database says so in time; what does not goes on. */
async function expectStoreLost(): Promise<void> {
  const asked: readonly (readonly [string, () => Promise<Response>])[] = [
    ["log-in", () => post("/login", account)],
    ["renewal", renew],
    ["log-out", () => fetch(`${url}/logout`, { method: "POST", headers: bearer() })],
    // LO-03: never a 200 for what did not happen.
    [
      "revocation of a refresh token",
      () => post("/revoke", new URLSearchParams({ token: tokens.refresh_token })),
    ],
    [
      "revocation of an access token",
      () => post("/revoke", new URLSearchParams({ token: tokens.access_token })),
    ],
    ["account", () => fetch(`${url}/me`, { headers: bearer() })],
    ["readiness", () => fetch(`${url}/health/ready`)],
  ];
  await Promise.all(
    asked.map(async ([what, ask]) => {
      const startedAtMs = performance.now();
      const response = await ask();
      const tookMs = performance.now() - startedAtMs;
      expect(response.status, what).toBe(503);
      expect(Number(response.headers.get("retry-after")), what).toBeGreaterThan(0);
      await response.text();
      expect(tookMs, what).toBeLessThan(statementTimeoutMs);
    }),
  );
  for (let count = 0; count < 50; count += 1) {
    const startedAtMs = performance.now();
    const response = await fetch(`${url}/guarded`, { headers: bearer() });
    expect([response.status, await response.text()]).toEqual([200, "in"]);
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
  }
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  // The list of a moment ago is still true; an old one must not pass for a new one.
  await expect
    .poll(async () => (await fetch(`${url}/revocations`)).status, { timeout: 4 * statementTimeoutMs })
    .toBe(503);
}

async function expectStoreBack(): Promise<void> {
  const startedAtMs = performance.now();
  for (const path of ["/health/ready", "/revocations"]) {
    await expect
      .poll(async () => (await fetch(url + path)).status, { timeout: backWithinMs, interval: 50 })
      .toBe(200);
  }
  const renewed = await renew();
  expect(renewed.status).toBe(200);
  tokens = (await renewed.json()) as typeof tokens;
  expect((await post("/login", account)).status).toBe(200);
  expect(performance.now() - startedAtMs).toBeLessThan(backWithinMs);
}

const heartbeats = (source: EventSource): number =>
  source.events.filter(({ event }) => event === "heartbeat").length;

describe("an instance that loses its database", () => {
  test("answers 503 with Retry-After where it needs it, verifies tokens on, and is back within 5 s: server stopped", async () => {
    const subscriber = await openEventSource(`${url}/revocations`);
    await subscriber.until((events) => events.length > 0);
    await cluster.stop();
    await expectStoreLost();
    await cluster.start();
    await expectStoreBack();
    // The stream outlived the loss, and tells what happens after test.
    const { access_token: token } = (await (await post("/login", account)).json()) as typeof tokens;
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${url}/logout`, { method: "POST", headers })).status).toBe(204);
    await subscriber.until((events) => events.some(({ event }) => event === "revocation"));
    subscriber.close();
  });

  test("does the same when the network swallows everything, and sends no heartbeat that it could not stand for", async () => {
    const subscriber = await openEventSource(`${url}/revocations`);
    await subscriber.until((events) => events.length > 0);
    proxy.swallow();
    await expectStoreLost();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(heartbeats(subscriber)).toBe(1);
    proxy.heal();
    await expectStoreBack();
    await subscriber.until(() => heartbeats(subscriber) > 1);
    subscriber.close();
  });
});
