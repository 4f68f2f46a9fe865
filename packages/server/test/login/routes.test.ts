import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as asked from "../app.ts";
import { bearer, newApp, password, type Tokens } from "../app.ts";

const caller = { id: "posts", secret: randomBytes(24).toString("base64url") };
let app: FastifyInstance;

beforeAll(async () => {
  app = newApp({ introspectionClients: { [caller.id]: caller.secret } });
  await app.ready();
});

afterAll(() => app.close());

const login = (email: string, secret?: string) => asked.login(app, email, secret);
const newAccount = (name: string) => asked.newAccount(app, name);
const form = (url: string, fields: Record<string, string>, headers?: Record<string, string>) =>
  asked.postForm(app, url, fields, headers);
const renew = (refreshToken: string) => asked.renew(app, refreshToken);
const statusOfMe = async (tokens: Tokens): Promise<number> =>
  (await app.inject({ url: "/me", headers: bearer(tokens) })).statusCode;
const introspect = async (token: string): Promise<Record<string, unknown>> => {
  const authorization = `Basic ${Buffer.from(`${caller.id}:${caller.secret}`).toString("base64")}`;
  return (await form("/introspect", { token }, { authorization })).json();
};

describe("POST /token", () => {
  test("RFC 6749 §6: exchanges a refresh token for a new pair, and the same successor again to a retry", async () => {
    const first = await login(await newAccount("renewer"));
    const response = await renew(first.refresh_token);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({ "cache-control": "no-store", pragma: "no-cache" });
    const second = response.json<Tokens>();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await statusOfMe(second)).toBe(200);
    expect((await renew(first.refresh_token)).json<Tokens>().refresh_token).toBe(second.refresh_token);
  });

  test("RR-03: takes an older generation for a theft and ends the session, its access tokens included", async () => {
    const first = await login(await newAccount("victim"));
    const second = (await renew(first.refresh_token)).json<Tokens>();
    const third = (await renew(second.refresh_token)).json<Tokens>();
    const stolen = await renew(first.refresh_token);
    expect(stolen.statusCode).toBe(400);
    expect(stolen.json()).toMatchObject({ error: "invalid_grant" });
    expect((await renew(third.refresh_token)).statusCode).toBe(400);
    expect(await statusOfMe(third)).toBe(401);
  });

  test.each([
    [{ grant_type: "password", username: "a", password: "b" }, "unsupported_grant_type"],
    [{ grant_type: "refresh_token" }, "invalid_request"],
    [{ refresh_token: "x" }, "invalid_request"],
    [{ grant_type: "refresh_token", refresh_token: "x" }, "invalid_grant"],
    [{ grant_type: "refresh_token", refresh_token: "A".repeat(71) }, "invalid_grant"],
  ])("RFC 6749 §5.2: answers %j with %s", async (fields, error) => {
    const response = await form("/token", fields);
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(response.json()).toMatchObject({ error });
  });

  test("TI-03: does not take an access token for a refresh token, nor the other way round", async () => {
    const tokens = await login(await newAccount("mixer"));
    expect((await renew(tokens.access_token)).json()).toMatchObject({ error: "invalid_grant" });
    expect(await statusOfMe({ ...tokens, access_token: tokens.refresh_token })).toBe(401);
    expect(await statusOfMe(tokens)).toBe(200);
  });

  test("takes JSON for a mistake, not for a form", async () => {
    const response = await app.inject({
      method: "POST",
      url: "/token",
      payload: { grant_type: "refresh_token" },
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error: "invalid_request" });
  });
});

describe("POST /logout", () => {
  test.each([
    ["session", [401, 200, 200]],
    ["others", [200, 401, 401]],
    ["all", [401, 401, 401]],
  ])("LO-01: ends %s, and refuses renewal and access at once", async (scope, expected) => {
    const email = await newAccount(`leaver-${scope}`);
    const all = [await login(email), await login(email), await login(email)];
    const [mine] = all;
    const logout = () =>
      app.inject({
        method: "POST",
        url: "/logout",
        payload: { scope },
        headers: mine === undefined ? {} : bearer(mine),
      });
    expect((await logout()).statusCode).toBe(204);
    expect(await Promise.all(all.map(statusOfMe))).toEqual(expected);
    for (const [index, tokens] of all.entries()) {
      expect((await renew(tokens.refresh_token)).statusCode).toBe(expected[index] === 200 ? 200 : 400);
    }
    // The token of an ended session may end that one again, and no other any more.
    expect((await logout()).statusCode).toBe(scope === "all" ? 401 : 204);
  });
});

describe("POST /revoke and POST /introspect", () => {
  test("LO-03: RFC 7009 §2.2 ends the session of either token and answers 200 to everything else too", async () => {
    const email = await newAccount("revoker");
    for (const kind of ["access_token", "refresh_token"] as const) {
      const tokens = await login(email);
      expect((await form("/revoke", { token: tokens[kind] })).statusCode).toBe(200);
      expect(await statusOfMe(tokens)).toBe(401);
      expect((await form("/revoke", { token: tokens[kind] })).statusCode).toBe(200);
    }
    expect((await form("/revoke", { token: "unknown", token_type_hint: "access_token" })).statusCode).toBe(
      200,
    );
    expect((await form("/revoke", {})).statusCode).toBe(400);
  });

  test("TV-16: RFC 7662 §2.2 tells a known caller what lives, and of the rest only that it does not", async () => {
    const tokens = await login(await newAccount("introspected"));
    expect(await introspect(tokens.access_token)).toMatchObject({
      active: true,
      token_type: "Bearer",
      roles: ["user"],
    });
    expect(await introspect(tokens.refresh_token)).toMatchObject({
      active: true,
    });
    const next = (await renew(tokens.refresh_token)).json<Tokens>();
    await form("/revoke", { token: next.refresh_token });
    for (const token of [tokens.access_token, tokens.refresh_token, next.refresh_token, "unknown", "a.b.c"]) {
      expect(await introspect(token)).toEqual({ active: false });
    }
  });

  test.each([
    "",
    "Basic",
    "Basic cG9zdHM6d3Jvbmc=",
    `Basic ${Buffer.from("nobody:x").toString("base64")}`,
    "Bearer x",
  ])("RFC 7662 §2.1: refuses the caller %j before it reads the token", async (authorization) => {
    const response = await form("/introspect", { token: "x" }, { authorization });
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toMatch(/^Basic/);
    expect(response.json()).toMatchObject({ error: "invalid_client" });
  });
});

describe("/me", () => {
  test("can be renamed, and deleted with the password; its sessions die with it", async () => {
    const email = await newAccount("fleeting");
    const tokens = await login(email);
    const headers = bearer(tokens);
    const renamed = await app.inject({ method: "PATCH", url: "/me", headers, payload: { name: "Fleet" } });
    expect(renamed.json()).toMatchObject({ name: "Fleet", email });
    const remove = (current: string) =>
      app.inject({ method: "DELETE", url: "/me", headers, payload: { current_password: current } });
    expect((await remove("wrong wrong wrong")).statusCode).toBe(403);
    expect((await remove(password)).statusCode).toBe(204);
    expect(await statusOfMe(tokens)).toBe(401);
    expect((await renew(tokens.refresh_token)).statusCode).toBe(400);
    const again = await app.inject({ method: "POST", url: "/login", payload: { email, password } });
    expect(again.statusCode).toBe(401);
  });

  test("PW-14: RFC 9110 §15.5.2: a new password needs the old one, and nothing that was held before lives on", async () => {
    const email = await newAccount("changer");
    const [mine, other] = [await login(email), await login(email)];
    const change = (current: string, next: string) =>
      app.inject({
        method: "PUT",
        url: "/me/password",
        headers: bearer(mine),
        payload: { current_password: current, new_password: next },
      });
    const wrong = await change("wrong wrong wrong", "another violin ledger");
    expect(wrong.statusCode).toBe(403);
    expect(wrong.json()).toMatchObject({ code: "invalid_credentials" });
    expect(wrong.headers).not.toHaveProperty("www-authenticate");
    expect((await change(password, "short")).json()).toMatchObject({ code: "password_too_short" });
    expect(await Promise.all([mine, other].map(statusOfMe))).toEqual([200, 200]);
    const changed = await change(password, "another violin ledger");
    expect(changed.statusCode).toBe(200);
    const next = changed.json<Tokens>();
    expect(changed.json()).toMatchObject({ token_type: "Bearer", expires_in: 600 });
    expect(await Promise.all([mine, other, next].map(statusOfMe))).toEqual([401, 401, 200]);
    expect((await renew(other.refresh_token)).statusCode).toBe(400);
    // A copy of what was held before is refused, and does the owner no harm.
    expect((await renew(mine.refresh_token)).statusCode).toBe(400);
    expect(await statusOfMe(next)).toBe(200);
    expect((await renew(next.refresh_token)).statusCode).toBe(200);
    await login(email, "another violin ledger");
  });

  test("LO-05: lists one's own sessions without token material, and ends one of them, never another's", async () => {
    const email = await newAccount("lister");
    const [mine, other] = [await login(email), await login(email)];
    const stranger = await login(await newAccount("stranger"));
    const list = async (tokens: Tokens) =>
      (await app.inject({ url: "/me/sessions", headers: bearer(tokens) })).json<{
        sessions: { id: string; current: boolean; device: string | null }[];
      }>().sessions;
    const sessions = await list(mine);
    expect(sessions).toHaveLength(2);
    expect(JSON.stringify(sessions)).not.toContain(mine.refresh_token);
    const [otherId = ""] = sessions.filter(({ current }) => !current).map(({ id }) => id);
    const end = (tokens: Tokens) =>
      app.inject({ method: "DELETE", url: `/me/sessions/${otherId}`, headers: bearer(tokens) });
    expect((await end(stranger)).statusCode).toBe(404);
    expect(await statusOfMe(other)).toBe(200);
    expect((await end(mine)).statusCode).toBe(204);
    expect((await end(mine)).statusCode).toBe(204);
    expect(await statusOfMe(other)).toBe(401);
    expect(await list(mine)).toHaveLength(1);
  });
});
