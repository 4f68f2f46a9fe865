// The server in an app that listens by itself: Express 4 and 5, and node:http alone.
import { createGuard } from "@countersign/verifier/express";
import express, { type Express } from "express";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CountersignOptions, createHandler, type Handler } from "../../src/index.ts";

const express4 = createRequire(import.meta.url)("express4") as typeof express;
const credentials = JSON.stringify({ email: "ada@example.com", password: "tangerine violin ledger" });
const json = { "content-type": "application/json" };

function newHandler(options: Partial<CountersignOptions> = {}): Handler {
  const masterKey = randomBytes(32).toString("base64url");
  const issuer = "http://127.0.0.1";
  const handler = createHandler(
    { issuer, databaseUrl: "sqlite::memory:", masterKey, ...options },
    { logger: false },
  );
  onTestFinished(() => handler.close());
  return handler;
}

/** Where it listens. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.close().closeAllConnections();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function logIn(base: string): Promise<{ authorization: string }> {
  const signup = await fetch(`${base}/signup`, { method: "POST", headers: json, body: credentials });
  expect(signup.status).toBe(201);
  const login = await fetch(`${base}/login`, { method: "POST", headers: json, body: credentials });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}

describe.each([
  ["4", express4],
  ["5", express],
])("in Express %s", (_version, make) => {
  function newApp(handler: Handler, path: string, first: (app: Express) => void = () => {}): Express {
    const app = make();
    first(app);
    app.use(path, handler);
    app.use(make.json());
    app.get("/posts", createGuard(handler.verifier).required(), (request, response) => {
      response.json({ reader: request.identity?.subject });
    });
    app.post("/auth/own", (request, response) => {
      response.json({ got: request.body, url: request.url });
    });
    return app;
  }

  test("at a path, one process signs up, logs in, guards and refuses", async () => {
    const base = await listen(newApp(newHandler({ prefix: "/auth" }), "/auth"));
    expect((await fetch(`${base}/posts`)).status).toBe(401);
    const headers = await logIn(`${base}/auth`);
    expect(await (await fetch(`${base}/posts`, { headers })).json()).toEqual({ reader: expect.any(String) });
    await fetch(`${base}/auth/logout`, { method: "POST", headers });
    expect((await fetch(`${base}/posts`, { headers })).status).toBe(401);
  });

  test("what is not ours goes on with its body, at the root and at a path", async () => {
    for (const [path, prefix] of [
      ["/", ""],
      ["/auth", "/auth"],
    ] as const) {
      const base = await listen(newApp(newHandler({ prefix }), path));
      const response = await fetch(`${base}/auth/own?a=1`, {
        method: "POST",
        headers: json,
        body: '{"b":2}',
      });
      expect(await response.json()).toEqual({ got: { b: 2 }, url: "/auth/own?a=1" });
      expect((await fetch(`${base}/nothing`)).headers.get("content-type")).toContain("text/html");
    }
  });

  test("after a parser it says at once that its body is gone, and still answers what has none", async () => {
    const app = newApp(newHandler(), "/", (it) => it.use(make.json()));
    const base = await listen(app);
    const response = await fetch(`${base}/login`, { method: "POST", headers: json, body: credentials });
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "body_consumed" });
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  test("a start that fails reaches the app's own error handler", async () => {
    const handler = newHandler({ masterKey: "short" });
    const app = newApp(handler, "/");
    app.use(((error, _request, response, _next) => {
      response.status(500).json({ own: (error as Error).name });
    }) as express.ErrorRequestHandler);
    const base = await listen(app);
    expect(await (await fetch(`${base}/health`)).json()).toEqual({ own: "ConfigError" });
    expect(
      await (await fetch(`${base}/posts`, { headers: { authorization: "Bearer a.b.c" } })).json(),
    ).toMatchObject({
      own: "ConfigError",
    });
    await expect(handler.ready()).rejects.toThrow("masterKey");
  });
});

/** A custom server of Next.js hands each request to `app.getRequestHandler()`, which reads bodies by itself. */
test("in a custom server of Next.js, ours is answered and its pages get the rest whole", async () => {
  const pages = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end(`page ${request.url} ${Buffer.concat(chunks).toString()}`);
  };
  const handler = newHandler({ prefix: "/auth" });
  const base = await listen((request, response) => {
    handler(request, response, (error) => {
      if (error === undefined) return void pages(request, response);
      response.statusCode = 500;
      response.end();
    });
  });
  const headers = await logIn(`${base}/auth`);
  expect((await fetch(`${base}/auth/me`, { headers })).status).toBe(200);
  const request = { method: "POST", headers: json, body: '{"b":2}' };
  expect(await (await fetch(`${base}/api/notes?a=1`, request)).text()).toBe('page /api/notes?a=1 {"b":2}');
  expect(await (await fetch(`${base}/auth/own`)).text()).toBe("page /auth/own ");
});

test("node:http alone: everything is answered, also a start that fails", async () => {
  const base = await listen(newHandler());
  const headers = await logIn(base);
  expect((await fetch(`${base}/me`, { headers })).status).toBe(200);
  expect(await (await fetch(`${base}/nothing`)).json()).toMatchObject({ code: "not_found" });
  const broken = await listen(newHandler({ masterKey: "short" }));
  expect((await fetch(`${broken}/health`)).status).toBe(503);
});

test("a guard may ask before the server is ready, and its observers hear of log-outs", async () => {
  const handler = newHandler();
  const revoked: unknown[] = [];
  const stop = handler.verifier.observeRevocations?.((revocation) => revoked.push(revocation));
  const early = handler.verifier.authenticate({ authorization: "Bearer a.b.c" });
  await expect(early).rejects.toMatchObject({ code: "token_invalid" });
  const base = await listen(handler);
  const headers = await logIn(base);
  await fetch(`${base}/logout`, { method: "POST", headers });
  // The log-out, and perhaps that the list was read again.
  expect(revoked.filter((one) => one !== undefined).length).toBeGreaterThan(0);
  stop?.();
});
