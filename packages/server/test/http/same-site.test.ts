import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";

let app: FastifyInstance;

beforeAll(async () => {
  app = createApp(
    {
      issuer: "https://api.example.com/auth",
      databaseUrl: "sqlite::memory:",
      masterKey: randomBytes(32).toString("base64url"),
      allowedOrigins: ["https://app.example.com:8443", "http://localhost:5173"],
    },
    { logger: false },
  );
  await app.inject({
    method: "POST",
    url: "/signup",
    payload: { email: "ada@example.com", password: "tangerine violin ledger" },
  });
});

afterAll(() => app.close());

const end = (headers: Record<string, string>) => app.inject({ method: "DELETE", url: "/session", headers });
const login = (headers: Record<string, string>) =>
  app.inject({
    method: "POST",
    url: "/session",
    payload: { email: "ada@example.com", password: "tangerine violin ledger" },
    headers,
  });

/** None of these is `https://api.example.com`, `https://app.example.com:8443` or `http://localhost:5173`. */
const foreignOrigins = [
  "null",
  "",
  " ",
  "*",
  "https://evil.example",
  // scheme
  "http://api.example.com",
  "wss://api.example.com",
  "file://api.example.com",
  "chrome-extension://api.example.com",
  "https:api.example.com",
  "//api.example.com",
  "api.example.com",
  "HTTPS://api.example.com",
  "javascript://api.example.com",
  // port
  "https://api.example.com:443",
  "https://api.example.com:8443",
  "https://api.example.com:",
  "https://api.example.com:0443",
  "https://app.example.com",
  "https://app.example.com:84430",
  "http://localhost",
  "http://localhost:5174",
  "http://127.0.0.1:5173",
  "http://[::1]:5173",
  "https://localhost:5173",
  // userinfo
  "https://api.example.com@evil.example",
  "https://api.example.com:x@evil.example",
  "https://evil.example@api.example.com",
  "https://api.example.com%40evil.example",
  // prefix, suffix, sister and parent hosts
  "https://api.example.com.evil.example",
  "https://evil-api.example.com",
  "https://evilapi.example.com",
  "https://api.example.comm",
  "https://api.example.co",
  "https://sub.api.example.com",
  "https://example.com",
  "https://api-example.com",
  "https://apiXexample.com",
  "https://www.example.com",
  // another spelling
  "https://API.example.com",
  "https://api.example.com.",
  "https://api.example.com/",
  "https://api.example.com/auth",
  "https://api.example.com?",
  "https://api.example.com#",
  "https://api.example.com\\evil.example",
  "https://evil.example\\api.example.com",
  "https:\\\\api.example.com",
  "https://%61pi.example.com",
  "https://api.example.com%2eevil.example",
  "https://api.example.com%00.evil.example",
  "https://api.example.com,https://evil.example",
  "https://evil.example, https://api.example.com",
  "https://api.example.com https://evil.example",
  "https://evil.example;https://api.example.com",
  "https://xn--pi-7ia.example.com",
  "https://\u00e4pi.example.com",
  "https://api.ex\u00e4mple.com",
  "https://api.example\u00b7com",
  "blob:https://api.example.com",
  "data:text/html,https://api.example.com",
  "about:blank",
];

describe("what comes with a cookie", () => {
  test("the list of foreign origins is long, and has each once", () => {
    expect(new Set(foreignOrigins).size).toBe(foreignOrigins.length);
    expect(foreignOrigins.length).toBeGreaterThanOrEqual(40);
  });

  test.each(foreignOrigins)("WB-04: is not let through from the origin %j", async (origin) => {
    for (const headers of [{ origin }, { origin, "sec-fetch-site": "cross-site" }]) {
      const response = await end(headers);
      expect(response.statusCode).toBe(403);
      expect(response.headers["content-type"]).toBe("application/problem+json");
      expect(response.json()).toMatchObject({ code: "cross_site", status: 403 });
      expect(response.headers["set-cookie"]).toBeUndefined();
      expect(response.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test.each(foreignOrigins)(
    "WB-01: is not let through with a page of %j as the only sign",
    async (origin) => {
      const isOurs = /^https:\/\/api\.example\.com\/(auth)?$/.test(origin);
      for (const referer of [origin, `${origin}/`, `${origin}/https://api.example.com/`]) {
        // With a path, an origin is what a page of our own has for its address.
        const expected = isOurs ? 204 : 403;
        expect((await end({ referer })).statusCode).toBe(expected);
      }
    },
  );

  test.each([
    { origin: "https://api.example.com" },
    { origin: "https://app.example.com:8443" },
    { origin: "http://localhost:5173" },
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
    // The browser's own word for a page that sits behind another name than the issuer's.
    { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:49152" },
    { "sec-fetch-site": "same-site", origin: "https://app.example.com:8443" },
    { referer: "https://api.example.com/" },
    { referer: "https://app.example.com:8443/login?next=/" },
  ] as Record<string, string>[])("WB-01: is let through with %j", async (headers) => {
    expect((await end(headers)).statusCode).toBe(204);
    expect((await login(headers)).statusCode).toBe(204);
  });

  test.each([
    {},
    { "sec-fetch-site": "" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "Same-Origin" },
    { "sec-fetch-site": "same-origin, same-origin" },
    { "sec-fetch-site": "cross-site, same-origin" },
    { "sec-fetch-mode": "same-origin" },
    { "sec-fetch-user": "?1" },
    { host: "api.example.com" },
    { "x-forwarded-host": "api.example.com", "x-requested-with": "XMLHttpRequest" },
    { origin: "null", referer: "https://api.example.com/" },
    { origin: "https://evil.example", referer: "https://api.example.com/" },
    { "content-type": "application/json" },
  ] as Record<string, string>[])("WB-01: is refused with %j", async (headers) => {
    const { "content-type": _, ...bodiless } = headers;
    expect((await end(bodiless)).statusCode).toBe(403);
    const response = await login(headers);
    expect(response.statusCode).toBe(403);
    expect(response.headers["set-cookie"]).toBeUndefined();
  });

  test("WB-03: nobody is logged in to another's account by a foreign page, not even with the right password", async () => {
    const fields = "username=ada%40example.com&password=tangerine+violin+ledger";
    const json = '{"email":"ada@example.com","password":"tangerine violin ledger"}';
    const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const own = { origin: "https://api.example.com" };
    const send = (payload: string, type: string, headers: Record<string, string>) =>
      app.inject({
        method: "POST",
        url: "/session",
        payload,
        headers: { "content-type": type, ...headers },
      });
    // What a form or a script of another site can send without asking first.
    for (const [payload, type] of [
      [fields, "application/x-www-form-urlencoded"],
      [json, "text/plain"],
      [json, "multipart/form-data; boundary=x"],
      [json, "application/json"],
    ] as const) {
      expect((await send(payload, type, foreign)).statusCode).toBe(403);
      const ofOurs = await send(payload, type, own);
      expect(ofOurs.statusCode).toBe(type === "application/json" ? 204 : 415);
      expect(ofOurs.headers["set-cookie"] === undefined).toBe(type !== "application/json");
    }
  });
});
