import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bearer, login, newAccount, password, postForm, startApp } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";

const wrong = "tangerine violin ledgers";
const guesses = { guessesPerAccount: 3 };

function tryLogin(app: FastifyInstance, email: string, secret = wrong): Promise<LightMyRequestResponse> {
  return app.inject({ method: "POST", url: "/login", payload: { email, password: secret } });
}

function tryCookieLogin(app: FastifyInstance, email: string): Promise<LightMyRequestResponse> {
  return app.inject({
    method: "POST",
    url: "/session",
    payload: { email, password: wrong },
    headers: { "sec-fetch-site": "same-origin" },
  });
}

const newName = (): string => `auth_${randomBytes(6).toString("hex")}`;

const backends = [
  { backend: "SQLite", newUrl: async () => "sqlite::memory:", newSchema: () => undefined },
  { backend: "PostgreSQL", newUrl: newPostgresUrl, newSchema: () => undefined },
  { backend: "PostgreSQL in a schema of its own", newUrl: newPostgresUrl, newSchema: newName },
];

/** What a client sees, without what differs in any two answers. */
function seen({ statusCode, headers, body }: LightMyRequestResponse) {
  const { date: _date, "x-request-id": _id, "retry-after": wait, ...rest } = headers;
  // The seconds that a slow machine took may be missing.
  const retryAfter = wait === undefined ? undefined : Math.ceil(Number(wait) / 60);
  return { statusCode, retryAfter, headers: rest, body: body.replace(/"request_id":"[^"]*"/, "") };
}

describe.each(backends)("on $backend", ({ newUrl, newSchema }) => {
  test("TH-08: unknown and malformed addresses are throttled and answered like those of accounts", async () => {
    const app = await startApp({ ...guesses, databaseUrl: await newUrl(), databaseSchema: newSchema() });
    const email = await newAccount(app);
    const all: unknown[] = [];
    for (const address of [email, "nobody@example.com", "no address"]) {
      const answers: unknown[] = [];
      for (let count = 0; count < 5; count += 1) answers.push(seen(await tryLogin(app, address)));
      all.push(answers.slice(0, 4));
      const last = await tryLogin(app, address);
      expect(last.statusCode).toBe(429);
      expect(Number(last.headers["retry-after"])).toBeGreaterThan(290);
      expect(last.json()).toMatchObject({
        code: "too_many_attempts",
        detail: "Too many wrong passwords came for this address. Try again in 5 minutes.",
      });
    }
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
    expect((await tryLogin(app, email, password)).statusCode).toBe(429);
  });

  test("TH-05: a login with tokens and one with a cookie share their places", async () => {
    const app = await startApp({ ...guesses, databaseUrl: await newUrl(), databaseSchema: newSchema() });
    const email = await newAccount(app);
    const statuses: number[] = [];
    for (const attempt of [tryLogin, tryCookieLogin, tryLogin, tryCookieLogin, tryLogin])
      statuses.push((await attempt(app, email)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });

  test("TH-05: every spelling of an address shares its places", async () => {
    const app = await startApp({ ...guesses, databaseUrl: await newUrl(), databaseSchema: newSchema() });
    await newAccount(app);
    const statuses: number[] = [];
    for (const email of ["ada@example.com", "ADA@example.com", "ada@EXAMPLE.com", "\uFF41da@example.com"])
      statuses.push((await tryLogin(app, email)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  test("TH-02: of 40 wrong guesses at once as many are compared as there are places", async () => {
    const app = await startApp({ ...guesses, databaseUrl: await newUrl(), databaseSchema: newSchema() });
    const email = await newAccount(app);
    const answers = await Promise.all(Array.from({ length: 40 }, () => tryLogin(app, email)));
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(3);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(37);
  });

  test("right passwords cost nothing, however many come", async () => {
    const app = await startApp({
      ...guesses,
      guessesPerSource: 3,
      databaseUrl: await newUrl(),
      databaseSchema: newSchema(),
    });
    const email = await newAccount(app);
    for (let count = 0; count < 12; count += 1)
      expect((await tryLogin(app, email, password)).statusCode).toBe(200);
  });
});

test("TH-05: the password of whoever is logged in has places of its own, one set for all routes that ask for it", async () => {
  const app = await startApp(guesses);
  const email = await newAccount(app);
  const headers = bearer(await login(app));
  for (let count = 0; count < 4; count += 1) await tryLogin(app, email);
  const change = (current: string): Promise<LightMyRequestResponse> =>
    app.inject({
      method: "PUT",
      url: "/me/password",
      headers,
      payload: { current_password: current, new_password: "marble anchor thursday" },
    });
  const remove = (current: string): Promise<LightMyRequestResponse> =>
    app.inject({ method: "DELETE", url: "/me", headers, payload: { current_password: current } });
  for (let count = 0; count < 5; count += 1) {
    expect((await change(wrong)).statusCode).toBe(403);
    expect((await remove(wrong)).statusCode).toBe(403);
  }
  expect((await change(password)).statusCode).toBe(429);
  expect((await remove(password)).statusCode).toBe(429);
});

test("PUT /me/password works while the address is under a flood", async () => {
  const app = await startApp(guesses);
  const email = await newAccount(app);
  const headers = bearer(await login(app));
  for (let count = 0; count < 6; count += 1) await tryLogin(app, email);
  const changed = await app.inject({
    method: "PUT",
    url: "/me/password",
    headers,
    payload: { current_password: password, new_password: "marble anchor thursday" },
  });
  expect(changed.statusCode).toBe(200);
});

test("POST /signup is told when to come back once its source had as many accounts as it may", async () => {
  const app = await startApp({ signupsPerSource: 2 });
  await newAccount(app, "ada");
  await newAccount(app, "bob");
  const payload = { email: "eve@example.com", password };
  const refused = await app.inject({ method: "POST", url: "/signup", payload });
  expect(refused.statusCode).toBe(429);
  expect(refused.headers["retry-after"]).toMatch(/^([1-9]|10)$/);
  expect(refused.json()).toMatchObject({ code: "too_many_attempts" });
});

test("POST /introspect counts refused callers alone", async () => {
  const secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  const app = await startApp({ guessesPerSource: 3, introspectionClients: { api: secret } });
  await newAccount(app);
  const { access_token: token } = await login(app);
  const ask = (clientSecret: string): Promise<LightMyRequestResponse> =>
    postForm(app, "/introspect", { token, client_id: "api", client_secret: clientSecret });
  const basic = `Basic ${Buffer.from("api:nonsense").toString("base64")}`;
  expect((await ask("nonsense")).statusCode).toBe(401);
  expect((await ask("nonsense")).statusCode).toBe(401);
  expect((await postForm(app, "/introspect", { token }, { authorization: basic })).statusCode).toBe(401);
  const refused = await ask("nonsense");
  expect([refused.statusCode, refused.json()]).toMatchObject([429, { error: "slow_down" }]);
  expect(refused.headers["retry-after"]).toMatch(/^([1-9]|10)$/);
  for (let count = 0; count < 10; count += 1)
    expect((await ask(secret)).json()).toMatchObject({ active: true });
  expect((await tryLogin(app, "ada@example.com")).statusCode).toBe(401);
});
