// /admin over HTTP: who is let in where, and what an administrator can do with it.
import Fastify, { type FastifyInstance, type InjectOptions, type RouteOptions } from "fastify";
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { countersign } from "../../src/index.ts";
import { type Permission, permissions } from "../../src/settings/permissions.ts";
import {
  bearer,
  issuer,
  login,
  newAccount,
  newApp,
  openCookieSession,
  password,
  renew,
  startApp,
  type Tokens,
} from "../app.ts";

const rolePermissions: Readonly<Record<string, readonly Permission[]>> = {
  admin: permissions,
  helper: ["users:read", "users:write", "sessions:write"],
  ...Object.fromEntries(permissions.map((permission) => [permission, [permission]])),
};

/** Whoever adds a route says here what it needs. */
const needs: Readonly<Record<string, Permission>> = {
  "GET /admin/accounts": "users:read",
  "POST /admin/accounts": "users:write",
  "GET /admin/accounts/:id": "users:read",
  "PATCH /admin/accounts/:id": "users:write",
  "DELETE /admin/accounts/:id": "users:write",
  "POST /admin/accounts/:id/disable": "users:write",
  "POST /admin/accounts/:id/enable": "users:write",
  "POST /admin/accounts/:id/unlock": "users:write",
  "POST /admin/accounts/:id/reset": "users:write",
  "PUT /admin/accounts/:id/roles": "roles:write",
  "GET /admin/accounts/:id/sessions": "users:read",
  "DELETE /admin/accounts/:id/sessions": "sessions:write",
  "DELETE /admin/accounts/:id/sessions/:sid": "sessions:write",
  "GET /admin/invitations": "users:read",
  "POST /admin/invitations": "users:write",
  "DELETE /admin/invitations/:id": "users:write",
  "GET /admin/keys": "keys:write",
  "POST /admin/keys/rotate": "keys:write",
  "GET /admin/audit": "audit:read",
  "GET /admin/audit/chain": "audit:read",
  "GET /admin/followers": "audit:read",
  "GET /admin/revocations": "audit:read",
  "GET /admin/statistics": "users:read",
};

const nobodysId = "A".repeat(22);

/** Somebody with these roles, and the id of their account. */
async function newPerson(
  app: FastifyInstance,
  name: string,
  roles: readonly string[] = ["user"],
): Promise<string> {
  const email = await newAccount(app, name);
  const list = JSON.stringify(roles);
  const { rows } = await sql<{ id: string }>`
    update users set roles = ${list} where email = ${email} returning id
  `.execute(app.auth.database);
  return rows[0]?.id ?? "";
}

async function enter(app: FastifyInstance, name: string): Promise<{ authorization: string }> {
  return bearer(await login(app, `${name}@example.com`));
}

/** As if the login had been this long ago. */
async function ageLogins(app: FastifyInstance, seconds: number): Promise<void> {
  await sql`update sessions set authenticated_at = authenticated_at - ${seconds * 1000}`.execute(
    app.auth.database,
  );
}

describe("every route below /admin", () => {
  async function startWithRoutes(): Promise<{
    app: FastifyInstance;
    routes: readonly (readonly ["GET", string])[];
  }> {
    const routes: (readonly ["GET", string])[] = [];
    const app = newApp({ rolePermissions, allowedOrigins: ["https://app.example.com"] });
    onTestFinished(() => app.close());
    app.addHook("onRoute", ({ method, url }: RouteOptions) => {
      if (url.startsWith("/admin") && method !== "HEAD") routes.push([method as "GET", url]);
    });
    await app.ready();
    return { app, routes };
  }

  const urlOf = (pattern: string): string => pattern.replaceAll(/:\w+/g, nobodysId);

  test("AD-02: lets in whose roles allow it and nobody else, with tokens and with cookies", async () => {
    const { app, routes } = await startWithRoutes();
    expect(routes.map(([method, url]) => `${method} ${url}`).toSorted()).toEqual(
      Object.keys(needs).toSorted(),
    );
    const callers: Record<string, { authorization: string }> = {};
    for (const role of ["user", ...Object.keys(rolePermissions)]) {
      const name = role.replace(":", "-");
      await newPerson(app, name, [role]);
      callers[role] = await enter(app, name);
    }
    await newPerson(app, "gone", ["admin"]);
    const gone = await enter(app, "gone");
    await app.inject({ method: "POST", url: "/logout", headers: gone });
    const cookie = `__Host-session=${await openCookieSession(app, "admin@example.com")}`;

    for (const [method, pattern] of routes) {
      const name = `${method} ${pattern}`;
      const needed = needs[name] ?? "";
      const ask = async (headers: Record<string, string>): Promise<number> =>
        (await app.inject({ method, url: urlOf(pattern), headers })).statusCode;
      expect(await ask({}), name).toBe(401);
      expect(await ask(gone), name).toBe(401);
      for (const [role, headers] of Object.entries(callers)) {
        const allowed: readonly string[] = rolePermissions[role] ?? [];
        const status = await ask(headers);
        if (allowed.includes(needed)) expect([200, 400, 404], `${role}: ${name}`).toContain(status);
        else expect(status, `${role}: ${name}`).toBe(403);
      }
      expect([200, 400, 404], name).toContain(await ask({ cookie, "sec-fetch-site": "same-origin" }));
      const origin = "https://app.example.com";
      expect(await ask({ cookie, "sec-fetch-site": "cross-site", origin }), name).toBe(403);
      expect(await ask({ cookie, origin }), name).toBe(403);
      expect(await ask({ cookie }), name).toBe(403);
    }
  });

  test("AD-02: no page of another origin reads anything, and no preflight is answered", async () => {
    const { app, routes } = await startWithRoutes();
    await newPerson(app, "ada", ["admin"]);
    const headers = { ...(await enter(app, "ada")), origin: "https://app.example.com" };
    for (const [method, pattern] of routes) {
      const response = await app.inject({ method, url: urlOf(pattern), headers });
      expect(response.headers["access-control-allow-origin"]).toBeUndefined();
      const preflight = await app.inject({
        method: "OPTIONS",
        url: urlOf(pattern),
        headers: { origin: headers.origin, "access-control-request-method": method },
      });
      expect([404, 405]).toContain(preflight.statusCode);
    }
  });

  test("is off in the plugin until it is named", async () => {
    for (const [options, status] of [
      [{}, 404],
      [{ admin: true }, 401],
    ] as const) {
      const app = Fastify();
      onTestFinished(() => app.close());
      const masterKey = randomBytes(32).toString("base64url");
      await app.register(countersign, { issuer, databaseUrl: "sqlite::memory:", masterKey, ...options });
      expect((await app.inject("/admin/accounts")).statusCode).toBe(status);
    }
  });
});

describe("what cannot be undone", () => {
  test("AD-03, RFC 9470 §3: wants a login of the last five minutes, with a token and with a cookie", async () => {
    const app = await startApp({ rolePermissions });
    await newPerson(app, "ada", ["admin"]);
    const eve = await newPerson(app, "eve");
    const tokens = await login(app);
    const cookie = `__Host-session=${await openCookieSession(app)}`;
    await ageLogins(app, 400);
    const renewed = (await renew(app, tokens.refresh_token)).json<Tokens>();
    for (const headers of [bearer(renewed), { cookie, "sec-fetch-site": "same-origin" }]) {
      expect((await app.inject({ url: `/admin/accounts/${eve}`, headers })).statusCode).toBe(200);
      const refused = await app.inject({ method: "DELETE", url: `/admin/accounts/${eve}`, headers });
      expect(refused.statusCode).toBe(401);
      expect(refused.headers["www-authenticate"]).toMatch(
        /error="insufficient_user_authentication".*max_age="?300/,
      );
    }
    const headers = await enter(app, "ada");
    expect((await app.inject({ method: "DELETE", url: `/admin/accounts/${eve}`, headers })).statusCode).toBe(
      204,
    );
  });

  test("AD-03: leaves an administrator, whoever asks", async () => {
    const app = await startApp({ rolePermissions });
    const ada = await newPerson(app, "ada", ["admin"]);
    const headers = await enter(app, "ada");
    for (const [method, url, payload] of [
      ["DELETE", `/admin/accounts/${ada}`, undefined],
      ["POST", `/admin/accounts/${ada}/disable`, undefined],
      ["PUT", `/admin/accounts/${ada}/roles`, { roles: ["user"] }],
      ["DELETE", "/me", { current_password: password }],
    ] as const) {
      const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
      expect(response.json(), url).toMatchObject({ code: "last_administrator" });
    }
  });
});

test("an administrator's day: accounts are made, found, disabled, enabled, given roles, logged out and removed", async () => {
  const app = await startApp({ rolePermissions });
  const ada = await newPerson(app, "ada", ["admin"]);
  const headers = await enter(app, "ada");
  const made = await app.inject({
    method: "POST",
    url: "/admin/accounts",
    headers,
    payload: { email: "Eve@example.com", name: "Eve", roles: ["user", "helper"] },
  });
  expect(made.statusCode).toBe(201);
  const eve = made.json<{ id: string }>().id;
  expect(made.json()).toMatchObject({
    email: "Eve@example.com",
    roles: ["user", "helper"],
    status: "active",
  });

  // Found in pages of one, by the beginning and by a part.
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: { accounts: { id: string }[]; next_cursor: string | null } = (
      await app.inject({ url: `/admin/accounts?limit=1${cursor && `&cursor=${cursor}`}`, headers })
    ).json();
    seen.push(...page.accounts.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual([eve, ada]);
  for (const query of ["email=EVE%40", "email_part=ve%40ex"]) {
    const found = (await app.inject({ url: `/admin/accounts?${query}`, headers })).json();
    expect(found.accounts.map(({ id }: { id: string }) => id)).toEqual([eve]);
  }
  const wrongCursor = await app.inject({ url: "/admin/accounts?cursor=abc", headers });
  expect(wrongCursor.json()).toMatchObject({ code: "invalid_request" });

  // No password opens it: nobody sets another's.
  const refused = await app.inject({
    method: "POST",
    url: "/login",
    payload: { email: "eve@example.com", password },
  });
  expect(refused.statusCode).toBe(401);

  const bob = await newPerson(app, "bob");
  const bobs = await enter(app, "bob");
  const status = async (): Promise<number> => (await app.inject({ url: "/me", headers: bobs })).statusCode;
  expect(await status()).toBe(200);
  const sessions = (await app.inject({ url: `/admin/accounts/${bob}/sessions`, headers })).json().sessions;
  expect(sessions).toMatchObject([{ kind: "token", current: false }]);
  const one = `/admin/accounts/${bob}/sessions/${sessions[0].id}`;
  expect((await app.inject({ method: "DELETE", url: one, headers })).statusCode).toBe(204);
  expect(await status()).toBe(401);

  const post = (verb: string) =>
    app.inject({ method: "POST", url: `/admin/accounts/${bob}/${verb}`, headers });
  expect((await post("disable")).json()).toMatchObject({ status: "disabled" });
  const body = { email: "bob@example.com", password };
  expect((await app.inject({ method: "POST", url: "/login", payload: body })).statusCode).toBe(401);
  expect((await post("enable")).json()).toMatchObject({ status: "active" });
  expect((await app.inject({ method: "POST", url: "/login", payload: body })).statusCode).toBe(200);
  expect((await post("unlock")).json()).toEqual({ guesses_in_a_row: expect.any(Number) });

  const roles = await app.inject({
    method: "PUT",
    url: `/admin/accounts/${bob}/roles`,
    headers,
    payload: { roles: ["user", "editor"] },
  });
  expect(roles.json()).toMatchObject({ roles: ["user", "editor"] });
  const gone = await app.inject({ method: "DELETE", url: `/admin/accounts/${bob}`, headers });
  expect(gone.statusCode).toBe(204);
  expect((await app.inject({ url: `/admin/accounts/${bob}`, headers })).statusCode).toBe(404);

  const audit = (await app.inject({ url: `/admin/audit?account=${bob}&limit=100`, headers })).json().entries;
  const events = audit.filter(({ actor_id: actor }: { actor_id: string }) => actor === ada);
  expect(events.length).toBeGreaterThan(4);
  const keys = (await app.inject({ url: "/admin/keys", headers })).json().keys;
  expect(keys).toMatchObject([{ state: "active" }]);
  const rotated = await app.inject({ method: "POST", url: "/admin/keys/rotate", headers });
  expect(rotated.json().keys.map(({ state }: { state: string }) => state)).toEqual(["active", "pending"]);
  expect(rotated.body).not.toMatch(/"(?:d|k|sealed|private)"/);
});

test("AD-02: nobody grants what they lack, nor acts on an account that may do more", async () => {
  const app = await startApp({ rolePermissions });
  const ada = await newPerson(app, "ada", ["admin"]);
  const bob = await newPerson(app, "bob");
  await newPerson(app, "helper", ["helper"]);
  await newPerson(app, "granter", ["roles:write"]);
  const [helper, granter] = [await enter(app, "helper"), await enter(app, "granter")];
  const code = async (request: InjectOptions): Promise<unknown> => (await app.inject(request)).json().code;
  for (const url of [`/admin/accounts/${ada}/disable`, `/admin/accounts/${ada}/unlock`])
    expect(await code({ method: "POST", url, headers: helper })).toBe("forbidden");
  expect(await code({ method: "DELETE", url: `/admin/accounts/${ada}/sessions`, headers: helper })).toBe(
    "forbidden",
  );
  const payload = { email: "new@example.com", roles: ["admin"] };
  expect(await code({ method: "POST", url: "/admin/accounts", headers: helper, payload })).toBe("forbidden");
  const roles = `/admin/accounts/${bob}/roles`;
  for (const granted of ["admin", "helper"])
    expect(await code({ method: "PUT", url: roles, headers: granter, payload: { roles: [granted] } })).toBe(
      "forbidden",
    );
  const own = { method: "PUT", url: roles, headers: granter, payload: { roles: ["roles:write"] } } as const;
  expect((await app.inject(own)).statusCode).toBe(200);
});
