// Known devices as clients meet them: what a flood does not reach, and what ends their being known.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bearer, newAccount, password, postForm, startApp } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";

const wrong = "tangerine violin ledgers";
const newPassword = "marble anchor thursday";
const own = { "sec-fetch-site": "same-origin" };

const backends = [
  { backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
];

interface LoggedIn {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly device_token: string;
}

function tryLogin(
  app: FastifyInstance,
  secret = wrong,
  deviceToken?: string,
  email = "ada@example.com",
): Promise<LightMyRequestResponse> {
  const payload = {
    email,
    password: secret,
    ...(deviceToken !== undefined && { device_token: deviceToken }),
  };
  return app.inject({ method: "POST", url: "/login", payload });
}

async function logIn(app: FastifyInstance, email?: string): Promise<LoggedIn> {
  const response = await tryLogin(app, password, undefined, email);
  expect(response.statusCode).toBe(200);
  return response.json();
}

/** Until nothing from an unknown device is let through. */
async function flood(app: FastifyInstance, email?: string): Promise<void> {
  while ((await tryLogin(app, wrong, undefined, email)).statusCode !== 429) continue;
  expect((await tryLogin(app, password, undefined, email)).statusCode).toBe(429);
}

const isKnown = async (app: FastifyInstance, token: string, secret = password): Promise<boolean> =>
  (await tryLogin(app, secret, token)).statusCode === 200;

function cookieOf(response: LightMyRequestResponse, name: string): string {
  const { value } = response.cookies.find((cookie) => cookie.name === name) ?? { value: "" };
  return `${name}=${value}`;
}

function cookieLogin(app: FastifyInstance, email: string, cookie = "", secret = password) {
  const payload = { email, password: secret };
  return app.inject({ method: "POST", url: "/session", payload, headers: { ...own, cookie } });
}

describe.each(backends)("on $backend", ({ newUrl }) => {
  const start = async (options = {}): Promise<FastifyInstance> =>
    startApp({ guessesPerAccount: 2, databaseUrl: await newUrl(), ...options });

  test("TH-04: a device that logged in before gets in while its address and its network are under a flood", async () => {
    const app = await start({ guessesPerSource: 4 });
    await newAccount(app);
    const { device_token: token } = await logIn(app);
    await flood(app);
    for (let count = 0; count < 4; count += 1) await tryLogin(app, wrong, undefined, `${count}@example.com`);
    expect((await tryLogin(app, wrong, undefined, "last@example.com")).json()).toMatchObject({
      detail: expect.stringContaining("your network") as string,
    });
    for (let count = 0; count < 3; count += 1) {
      const again = await tryLogin(app, password, token);
      expect(again.statusCode).toBe(200);
      expect(again.json<LoggedIn>().device_token).toMatch(/^[\w-]{100}$/);
    }
    const form = await postForm(app, "/login", {
      username: "ada@example.com",
      password,
      device_token: token,
    });
    expect(form.statusCode).toBe(200);
    // What a known device does is nobody else's: the address is as closed as before.
    expect((await tryLogin(app, password)).statusCode).toBe(429);
  });

  test("TH-04: after 100 wrong guesses in a row a known device gets in, which does not open the address to others", async () => {
    const app = await start({ guessesPerAccount: 1000, guessesInARow: 3 });
    await newAccount(app);
    const { device_token: token } = await logIn(app);
    for (let count = 0; count < 3; count += 1) expect((await tryLogin(app)).statusCode).toBe(401);
    expect((await tryLogin(app, password)).statusCode).toBe(429);
    expect((await tryLogin(app, password, token)).statusCode).toBe(200);
    const refused = await tryLogin(app, password);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers["retry-after"]).toBe("86400");
    expect(refused.json()).toMatchObject({ code: "too_many_attempts" });
  });

  test("TH-02: of 64 guesses at once with a device token no more are compared than its own 10 places", async () => {
    const app = await start();
    await newAccount(app);
    const { device_token: token } = await logIn(app);
    const answers = await Promise.all(Array.from({ length: 64 }, () => tryLogin(app, wrong, token)));
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // Neither the address nor another device has lost anything.
    expect((await tryLogin(app, password)).statusCode).toBe(200);
  });

  test.each([
    ["forged", () => randomBytes(75).toString("base64url")],
    ["cut off", (token: string) => token.slice(0, -1)],
    ["of 15,000 characters", (token: string) => token.repeat(150)],
    ["empty", () => ""],
    ["no Latin", () => "\u0000é€"],
  ])("a device token that is %s is that of an unknown device, and no mistake", async (_what, change) => {
    const app = await start();
    await newAccount(app);
    const { device_token: token } = await logIn(app);
    expect((await tryLogin(app, password, change(token))).statusCode).toBe(200);
    await flood(app);
    const without = await tryLogin(app, password);
    const refused = await tryLogin(app, password, change(token));
    expect(refused.statusCode).toBe(429);
    expect(refused.json<{ detail: string }>().detail).toBe(without.json<{ detail: string }>().detail);
  });

  test("a device token of a megabyte is refused like any body of that size", async () => {
    const app = await start();
    const answers = await Promise.all(
      ["x".repeat(1_048_576), "y".repeat(1_048_576)].map((token) => tryLogin(app, password, token)),
    );
    for (const { statusCode } of answers) expect(statusCode).toBe(413);
  });

  test("a device token of another account is that of an unknown device", async () => {
    const app = await start();
    await newAccount(app);
    await newAccount(app, "eve");
    const { device_token: token } = await logIn(app, "eve@example.com");
    await flood(app);
    expect((await tryLogin(app, password, token)).statusCode).toBe(429);
    expect((await tryLogin(app, password, token, "eve@example.com")).statusCode).toBe(200);
  });

  test.each([
    ["session", 200],
    ["others", 200],
    ["all", 429],
  ])("TH-04: after a log-out of scope %s a device is answered %i during a flood", async (scope, status) => {
    const app = await start();
    await newAccount(app);
    const { device_token: token } = await logIn(app);
    const headers = bearer(await logIn(app));
    const out = await app.inject({ method: "POST", url: "/logout", headers, payload: { scope } });
    expect(out.statusCode).toBe(204);
    await flood(app);
    expect((await tryLogin(app, password, token)).statusCode).toBe(status);
  });

  test("TH-04: the answer to a new password carries a new device token, so that the owner gets in during a flood", async () => {
    const app = await start();
    await newAccount(app);
    const before = await logIn(app);
    await flood(app);
    const changed = await app.inject({
      method: "PUT",
      url: "/me/password",
      headers: bearer(before),
      payload: { current_password: password, new_password: newPassword },
    });
    expect(changed.statusCode).toBe(200);
    const { device_token: token } = changed.json<LoggedIn>();
    expect(await isKnown(app, before.device_token, newPassword)).toBe(false);
    expect(await isKnown(app, token, newPassword)).toBe(true);
  });

  test("TH-04: with a cookie session a browser is known by a cookie of its own, to five accounts", async () => {
    const app = await start({ guessesPerSource: 1000 });
    const names = ["ada", "bob", "cyd", "dan", "eve", "fay"];
    let cookie = "";
    for (const name of names) {
      const response = await cookieLogin(app, await newAccount(app, name), cookie);
      expect(response.statusCode).toBe(204);
      const [session, devices] = response.headers["set-cookie"] as unknown as string[];
      expect(session).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(devices).toMatch(
        /^__Host-devices=[\w-]{100}(\.[\w-]{100}){0,4}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=15552000$/,
      );
      cookie = cookieOf(response, "__Host-devices");
    }
    for (const name of names) await flood(app, `${name}@example.com`);
    const statuses: number[] = [];
    for (const name of names)
      statuses.push((await cookieLogin(app, `${name}@example.com`, cookie)).statusCode);
    // The first of six has gone.
    expect(statuses).toEqual([429, 204, 204, 204, 204, 204]);
    const twice = `${cookie}; ${cookie}`;
    expect((await cookieLogin(app, "fay@example.com", twice)).statusCode).toBe(429);
  });

  test("TH-04: the device cookie outlives a log-out, is new after a new password, and goes when it is to be forgotten", async () => {
    const app = await start({ guessesPerAccount: 1000 });
    await newAccount(app);
    const first = await cookieLogin(app, "ada@example.com");
    const session = cookieOf(first, "__Host-session");
    const devices = cookieOf(first, "__Host-devices");
    const out = await app.inject({ method: "DELETE", url: "/session", headers: { ...own, cookie: session } });
    expect(String(out.headers["set-cookie"])).not.toContain("devices");
    const again = await cookieLogin(app, "ada@example.com", devices);
    const cookie = `${cookieOf(again, "__Host-session")}; ${cookieOf(again, "__Host-devices")}`;
    const changed = await app.inject({
      method: "PUT",
      url: "/me/password",
      headers: { ...own, cookie },
      payload: { current_password: password, new_password: newPassword },
    });
    expect(changed.statusCode).toBe(204);
    await flood(app);
    const login = (with_: string) => cookieLogin(app, "ada@example.com", with_, newPassword);
    expect((await login(devices)).statusCode).toBe(429);
    expect((await login(cookieOf(again, "__Host-devices"))).statusCode).toBe(429);
    const known = cookieOf(changed, "__Host-devices");
    expect((await login(known)).statusCode).toBe(204);
    const forgotten = await app.inject({
      method: "POST",
      url: "/logout",
      headers: { ...own, cookie: `${cookieOf(changed, "__Host-session")}; ${known}` },
      payload: { forget: true },
    });
    expect(forgotten.statusCode).toBe(204);
    expect(String(forgotten.headers["set-cookie"])).toMatch(/__Host-devices=; [^,]*Max-Age=0/);
  });
});
