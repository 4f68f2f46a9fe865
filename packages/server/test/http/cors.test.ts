import Fastify, { type FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { countersign } from "../../src/plugin.ts";
import { bearer, issuer, login, newAccount, newApp, openCookieSession, startApp } from "../app.ts";

const front = "https://app.example.com";
const corsHeaders = [
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-allow-methods",
  "access-control-expose-headers",
];

const preflight = (app: FastifyInstance, url: string, method: string, origin = front) =>
  app.inject({
    method: "OPTIONS",
    url,
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization, content-type",
    },
  });

const foreign = [
  "https://evil.example",
  "https://app.example.com.evil.example",
  "https://app.example.com:444",
  "http://app.example.com",
  "https://APP.example.com",
  "https://app.example.com/",
  "null",
  "*",
  "",
];

/** The same in our own app, and as a plugin of somebody else's. */
const apps = {
  createApp: async (allowedOrigins: string[]) => startApp({ allowedOrigins }),
  plugin: async (allowedOrigins: string[]) => startPlugin(allowedOrigins),
  "a plugin where the app has problem types of its own": async (allowedOrigins: string[]) =>
    startPlugin(allowedOrigins, { problemTypes: "https://example.com/problems/" }),
};

async function startPlugin(
  allowedOrigins: string[],
  decorators: Readonly<Record<string, string>> = {},
): Promise<FastifyInstance> {
  const app = Fastify();
  for (const [name, value] of Object.entries(decorators)) app.decorate(name, value);
  onTestFinished(() => app.close());
  const masterKey = randomBytes(32).toString("base64url");
  await app.register(countersign, { issuer, databaseUrl: "sqlite::memory:", masterKey, allowedOrigins });
  return app;
}

describe.each(Object.entries(apps))("CORS in %s", (_name, start) => {
  test("a front end on a named origin may ask, log in and read the answer, without cookies", async () => {
    const app = await start([front]);
    const asked = await preflight(app, "/login", "POST");
    expect(asked.statusCode).toBe(204);
    expect(asked.headers).toMatchObject({
      "access-control-allow-origin": front,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization, content-type, if-none-match, last-event-id",
      "access-control-max-age": "7200",
      vary: "origin",
    });
    expect(asked.headers).not.toHaveProperty("access-control-allow-credentials");
    await newAccount(app);
    const payload = { email: "ada@example.com", password: "wrong wrong wrong" };
    const refused = await app.inject({ method: "POST", url: "/login", payload, headers: { origin: front } });
    expect(refused.statusCode).toBe(401);
    expect(refused.headers).toMatchObject({
      "access-control-allow-origin": front,
      "access-control-expose-headers": "etag, retry-after, www-authenticate",
    });
  });

  test("credentials are let in where a route takes cookies, and nowhere else", async () => {
    const app = await start([front]);
    const withCookies = [
      ["/session", "POST"],
      ["/session", "DELETE"],
      ["/me", "GET"],
      ["/me", "PATCH"],
      ["/me/sessions/AAAAAAAAAAAAAAAAAAAAAA", "DELETE"],
      ["/logout", "POST"],
      ["/password/reset", "POST"],
    ] as const;
    for (const [url, method] of withCookies) {
      const { headers } = await preflight(app, url, method);
      expect(headers["access-control-allow-credentials"]).toBe("true");
    }
    for (const [url, method] of [
      ["/login", "POST"],
      ["/token", "POST"],
      ["/signup", "POST"],
      ["/revocations", "GET"],
    ] as const) {
      const { headers } = await preflight(app, url, method);
      expect(headers["access-control-allow-origin"]).toBe(front);
      expect(headers).not.toHaveProperty("access-control-allow-credentials");
    }
  });

  test("no other origin is let in, and none is repeated", async () => {
    const app = await start([front]);
    for (const origin of foreign) {
      const asked = await preflight(app, "/login", "POST", origin);
      const sent = await app.inject({ url: "/health/live", headers: { origin } });
      for (const name of corsHeaders) {
        expect(asked.headers).not.toHaveProperty(name);
        expect(sent.headers).not.toHaveProperty(name);
      }
      expect(sent.headers["vary"]).toContain("origin");
    }
  });

  test("without a named origin nothing changes: no header, and OPTIONS is a method like any other", async () => {
    const app = await start([]);
    const asked = await preflight(app, "/login", "POST");
    expect([404, 405]).toContain(asked.statusCode);
    for (const name of [...corsHeaders, "vary"]) expect(asked.headers).not.toHaveProperty(name);
  });
});

test("a cookie session works from a named origin, and a stale one is told why", async () => {
  const app = await startApp({ allowedOrigins: [front] });
  await newAccount(app);
  const cookie = `__Host-session=${await openCookieSession(app)}`;
  const me = await app.inject({ url: "/me", headers: { origin: front, cookie } });
  expect(me.statusCode).toBe(200);
  expect(me.headers).toMatchObject({
    "access-control-allow-origin": front,
    "access-control-allow-credentials": "true",
  });
});

test("routes of one's own take part, and say `cors: false` where they must not", async () => {
  const app = newApp({ allowedOrigins: [front] });
  onTestFinished(() => app.close());
  app.register(async (routes) => {
    routes.get("/posts", { onRequest: routes.auth.required() }, async () => []);
    routes.get("/mine", { onRequest: routes.auth.required({ cookies: true }) }, async () => []);
    routes.get("/hidden", { config: { cors: false } }, async () => "here");
  });
  await newAccount(app);
  const headers = { origin: front, ...bearer(await login(app)) };
  const posts = await app.inject({ url: "/posts", headers });
  expect(posts.headers["access-control-allow-origin"]).toBe(front);
  expect(posts.headers).not.toHaveProperty("access-control-allow-credentials");
  const mine = await app.inject({ url: "/mine", headers });
  expect(mine.headers["access-control-allow-credentials"]).toBe("true");
  const hidden = await app.inject({ url: "/hidden", headers });
  expect(hidden.statusCode).toBe(200);
  for (const name of corsHeaders) expect(hidden.headers).not.toHaveProperty(name);
});

test("pages of this machine are let in without cookies where that is asked for", async () => {
  const app = await startApp({ issuer: "http://localhost:3000", allowLoopbackOrigins: true });
  for (const origin of ["http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:4000"]) {
    const { headers } = await preflight(app, "/session", "POST", origin);
    expect(headers["access-control-allow-origin"]).toBe(origin);
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  }
  for (const origin of [
    "http://localhost.evil.example",
    "http://192.168.0.1",
    "http://127.0.0.1.evil.example",
  ])
    expect((await preflight(app, "/session", "POST", origin)).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
  const elsewhere = newApp({ issuer: "https://api.example.com", allowLoopbackOrigins: true });
  await expect(elsewhere.ready()).rejects.toThrow("allowLoopbackOrigins");
});

test("beside a plugin that takes OPTIONS everywhere, an unknown path is still 404", async () => {
  const app = newApp();
  onTestFinished(() => app.close());
  app.options("*", async (_request, reply) => reply.code(204).send());
  expect((await app.inject("/nothing")).statusCode).toBe(404);
  const wrong = await app.inject({ method: "PUT", url: "/login" });
  expect(wrong.statusCode).toBe(405);
  expect(wrong.headers["allow"]).toBe("POST");
});
