import type { FastifyInstance } from "fastify";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";

const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
const account = { email: "ada@example.com", password: "tangerine violin ledger" };
let app: FastifyInstance;
let token = "";

beforeAll(async () => {
  app = createApp({ issuer: "https://api.example.com", dataDir }, { logger: false });
  await app.inject({ method: "POST", url: "/signup", payload: account });
  const login = await app.inject({ method: "POST", url: "/login", payload: account });
  token = login.json<{ access_token: string }>().access_token;
});

afterAll(async () => {
  await app.close();
  rmSync(dataDir, { recursive: true });
});

const json = { "content-type": "application/json" };
const routes = [
  { url: "/signup", body: { email: "eve@example.com", password: "another long password" } },
  { url: "/login", body: account },
  { url: "/session", body: account },
  { url: "/logout", body: { scope: "session" } },
] as const;

/** A page of the server's own, which cookies need. */
const ownPage = { origin: "https://api.example.com" };

async function post(url: string, payload: string, headers: Record<string, string> = json) {
  return app.inject({
    method: "POST",
    url,
    payload,
    headers: { ...ownPage, ...headers, ...(url === "/logout" ? { authorization: `Bearer ${token}` } : {}) },
  });
}

describe.each(routes)("POST $url", ({ url, body }) => {
  const text = JSON.stringify(body);
  const [member = ""] = Object.keys(body);

  test.each([
    ["an unknown member", JSON.stringify({ ...body, admin: true })],
    ["an array for a string", JSON.stringify({ ...body, [member]: ["a"] })],
    ["a number for a string", JSON.stringify({ ...body, [member]: 7 })],
    ["null for a string", JSON.stringify({ ...body, [member]: null })],
    ["an object for a string", JSON.stringify({ ...body, [member]: { $ne: "" } })],
    ["__proto__", `{"__proto__":{"admin":true},${text.slice(1)}`],
    ["constructor.prototype", `{"constructor":{"prototype":{"admin":true}},${text.slice(1)}`],
    ["an array", `[${text}]`],
    ["text that is not JSON", "{"],
    ["a JSON string", '"text"'],
    ["JSON deeper than it needs", `{"${member}":${"[".repeat(5000)}${"]".repeat(5000)}}`],
  ])("refuses %s with a problem", async (_what, payload) => {
    const response = await post(url, payload);
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(response.json()).toMatchObject({ code: "invalid_request", status: 400 });
  });

  test("refuses a body over 16 KiB", async () => {
    const response = await post(url, JSON.stringify({ ...body, [member]: "x".repeat(17_000) }));
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ code: "body_too_large" });
  });

  test.each([
    "text/xml",
    "text/plain",
    "text/plain; charset=utf-8",
    "application/json5",
    "application/jsonp",
  ])("refuses the content type %s, whose body no schema would judge", async (type) => {
    const response = await post(url, text, { "content-type": type });
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ code: "unsupported_media_type" });
  });
});

describe.each(["/login", "/session"])("POST %s", (url) => {
  test.each([{}, { "content-type": "application/json" }, { "content-type": "text/plain" }])(
    "refuses an empty body under %j",
    async (headers: Record<string, string>) => {
      const response = await app.inject({ method: "POST", url, headers: { ...ownPage, ...headers } });
      expect([400, 415]).toContain(response.statusCode);
      expect(response.json()).toMatchObject({ status: response.statusCode });
    },
  );
});

describe("after all that", () => {
  test("nothing was written: the refused address can still sign up, once", async () => {
    const eve = JSON.stringify(routes[0].body);
    const both = await Promise.all([post("/signup", eve), post("/signup", eve)]);
    expect(both.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect(both.find(({ statusCode }) => statusCode === 409)?.json()).toMatchObject({ code: "email_taken" });
    const spelledOtherwise = await post("/signup", eve.replace("eve@example", "EVE@EXAMPLE"));
    expect(spelledOtherwise.statusCode).toBe(409);
  });
});

describe("the login form", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const fields = (more: string): string =>
    `username=${encodeURIComponent(account.email)}&password=tangerine+violin+ledger${more}`;

  test("takes what OAuth2 password forms send", async () => {
    const response = await post(
      "/login",
      fields("&grant_type=password&scope=&client_id=&client_secret="),
      form,
    );
    expect(response.statusCode).toBe(200);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.json()).toMatchObject({ token_type: "Bearer", expires_in: 600 });
  });

  test.each(["&password=again", "&admin=true", "&__proto__=x"])("refuses %s", async (more) => {
    expect((await post("/login", fields(more), form)).statusCode).toBe(400);
  });

  test("belongs to the form: JSON has no username", async () => {
    const body = JSON.stringify({ username: account.email, password: account.password });
    expect((await post("/login", body)).statusCode).toBe(400);
  });
});

describe("a login that fails", () => {
  test("TH-08: answers the same for an unknown account and a wrong password", async () => {
    const answers = await Promise.all(
      ["ada@example.com", "nobody@example.com", "not an address"].map(async (email) => {
        const response = await post("/login", JSON.stringify({ email, password: "wrong wrong wrong" }));
        const { request_id: _, ...problem } = response.json<Record<string, unknown>>();
        return { status: response.statusCode, problem };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: "invalid_credentials" } });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});

describe("the Authorization header", () => {
  test("TV-12: is asked for with a bare challenge where there is none", async () => {
    const response = await app.inject({ url: "/me" });
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toBe('Bearer realm="api"');
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    `Bearer ${"a".repeat(65_536)}`,
    "Bearer \u00e9\u00ff",
    "Basic YTpi",
    "a,b",
  ])("TV-11: is refused with 401 when it is %j", async (authorization) => {
    const response = await app.inject({ url: "/me", headers: { authorization } });
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
  });

  test("is refused when the payload was rewritten to another role", async () => {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ roles: ["user"] });
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ["admin"] })).toString("base64url");
    const response = await app.inject({
      url: "/me",
      headers: { authorization: `Bearer ${header}.${forged}.${signature}` },
    });
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
  });
});
