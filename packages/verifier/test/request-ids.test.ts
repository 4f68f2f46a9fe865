// What the answer of a guard says of the request; and a handler that throws.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { expect, onTestFinished, test, vi } from "vitest";
import { createGuard as createExpressGuard } from "../src/frameworks/express.ts";
import { createGuard as createFastifyGuard } from "../src/frameworks/fastify.ts";
import { createGuard as createHonoGuard } from "../src/frameworks/hono.ts";
import { createGuard as createNodeGuard } from "../src/frameworks/node.ts";
import { AccessError, identityOfSession } from "../src/index.ts";
import type { Authenticator } from "../src/index.ts";

const authenticator: Authenticator = {
  authenticate(credentials) {
    const { rawHeaders = [] } = credentials as { rawHeaders?: string[] };
    if (!rawHeaders.some((text) => text.startsWith("Bearer"))) throw new AccessError("credentials_missing");
    return identityOfSession({ userId: "ada", sid: "s", roles: [], authTime: 0 });
  },
  now: () => 0,
};

function listen(server: ReturnType<typeof createServer>): Promise<string> {
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

async function requestIdOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { request_id?: unknown }).request_id;
}

test("Fastify: a refusal carries the request's id", async () => {
  const app = Fastify({ genReqId: () => "r-1" });
  app.get("/", { onRequest: createFastifyGuard(authenticator, app).required() }, () => "in");
  expect((await app.inject("/")).json()).toMatchObject({ code: "credentials_missing", request_id: "r-1" });
  await app.close();
});

test("Express: a refusal carries the id that a middleware gave, and none otherwise", async () => {
  const app = express();
  app.use((request, _response, next) => {
    if (request.path === "/named") Object.assign(request, { id: 7 });
    if (request.path === "/odd") Object.assign(request, { id: {} });
    next();
  });
  app.use(createExpressGuard(authenticator).required());
  const url = await listen(createServer(app));
  expect(await requestIdOf(await fetch(`${url}/named`))).toBe("7");
  expect(await requestIdOf(await fetch(`${url}/odd`))).toBeUndefined();
  expect(await requestIdOf(await fetch(url))).toBeUndefined();
});

test("Hono: a refusal carries the id that its own middleware gives", async () => {
  const app = new Hono()
    .use(requestId())
    .get("/", createHonoGuard(authenticator).required(), (c) => c.text("in"));
  const response = await app.request("/", { headers: { "x-request-id": "r-2" } });
  expect(await requestIdOf(response)).toBe("r-2");
});

test("node:http: a handler that throws ends its own request, and those that came with it go on", async () => {
  const heard = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => heard.mockRestore());
  const guard = createNodeGuard(authenticator);
  const url = await listen(
    createServer(
      guard.required((request, response) => {
        if (request.url === "/throws") throw new RangeError("by the handler");
        if (request.url === "/late") response.write("begun");
        if (request.url === "/late") throw new RangeError("by the handler");
        response.end(request.identity.subject);
      }),
    ),
  );
  const ask = async (path: string): Promise<number | string> => {
    try {
      const response = await fetch(url + path, { headers: { authorization: "Bearer x" } });
      await response.text();
      return response.status;
    } catch {
      return "cut off";
    }
  };
  const paths = ["/a", "/throws", "/b", "/late", "/c", "/throws", "/d"];
  expect(await Promise.all(paths.map(ask))).toEqual([200, 500, 200, "cut off", 200, 500, 200]);
  expect(heard).toHaveBeenCalledTimes(3);
});
