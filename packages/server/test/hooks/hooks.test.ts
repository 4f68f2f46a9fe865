// What an app runs before and after what happens to accounts: what it may refuse, and what happens when it fails.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { createHookRunner } from "../../src/hooks/hooks.ts";
import { ServiceError } from "../../src/errors.ts";
import { problemOf } from "../../src/http/problems.ts";
import type { HookEvents, HookName, Hooks } from "../../src/index.ts";
import { readOptions } from "../../src/settings/settings.ts";
import { bearer, issuer, login, newAccount, password, renew, startApp, type Tokens } from "../app.ts";

const email = "ada@example.com";
const newPassword = "another violin ledger";

/** How each is asked for, with the password and a session of Ada. */
const ways: Readonly<
  Record<HookName, readonly ((app: FastifyInstance, tokens: Tokens) => Promise<LightMyRequestResponse>)[]>
> = {
  signup: [(app) => send(app, "POST", "/signup", { email: "eve@example.com", password, name: "Eve" })],
  login: [
    (app) => send(app, "POST", "/login", { email, password }),
    (app) => send(app, "POST", "/session", { email, password }),
  ],
  renewal: [(app, tokens) => renew(app, tokens.refresh_token)],
  passwordChange: [
    (app, tokens) =>
      send(app, "PUT", "/me/password", { current_password: password, new_password: newPassword }, tokens),
  ],
  deletion: [(app, tokens) => send(app, "DELETE", "/me", { current_password: password }, tokens)],
};
const names = Object.keys(ways) as HookName[];

function send(
  app: FastifyInstance,
  method: "POST" | "PUT" | "DELETE",
  url: string,
  payload: object,
  tokens?: Tokens,
): Promise<LightMyRequestResponse> {
  const headers = { "sec-fetch-site": "same-origin", ...(tokens && bearer(tokens)) };
  return app.inject({ method, url, payload, headers });
}

/** All that a refused request could have changed. */
async function stateOf(app: FastifyInstance): Promise<unknown> {
  const { database } = app.auth;
  const users = await sql`select * from users order by id`.execute(database);
  const sessions = await sql`select * from sessions order by sid`.execute(database);
  return { users: users.rows, sessions: sessions.rows };
}

/** An app whose hooks begin when Ada is logged in. */
async function startLoggedIn(name: HookName, hook: () => unknown): Promise<[FastifyInstance, Tokens]> {
  let isOn = false;
  const before = { [name]: () => (isOn ? hook() : undefined) };
  const app = await startApp({ hooks: { before } });
  await newAccount(app);
  const tokens = await login(app);
  isOn = true;
  return [app, tokens];
}

describe.each(names)("before a %s", (name) => {
  test("a hook refuses with a reason of its own, and nothing has changed", async () => {
    const hook = vi.fn(async () => ({ reason: "not_a_member", detail: "Ask your club for an invitation." }));
    const [app, tokens] = await startLoggedIn(name, hook);
    const state = await stateOf(app);
    for (const way of ways[name]) {
      const refused = await way(app, tokens);
      expect(refused.statusCode).toBe(403);
      expect(refused.json()).toMatchObject(
        name === "renewal"
          ? { error: "access_denied", error_description: "Ask your club for an invitation." }
          : {
              code: "refused_by_app",
              reason: "not_a_member",
              detail: "Ask your club for an invitation.",
              type: `${issuer}/problems/refused_by_app`,
            },
      );
    }
    expect(hook).toHaveBeenCalledTimes(ways[name].length);
    expect(await stateOf(app)).toEqual(state);
    hook.mockResolvedValue(undefined as never);
    for (const way of ways[name]) expect((await way(app, tokens)).statusCode).toBeLessThan(300);
  });

  test("a hook that fails or gives what means nothing refuses with 503, and nothing has changed", async () => {
    const hook = vi.fn<() => unknown>();
    const [app, tokens] = await startLoggedIn(name, hook);
    const state = await stateOf(app);
    const failures: readonly (() => unknown)[] = [
      () => {
        throw new TypeError("the club is away");
      },
      () => Promise.reject(new TypeError("the club is away")),
      () => false,
      () => null,
      () => true,
      () => ({ reason: "Not A Member", detail: "" }),
      () => ({ reason: "not_a_member" }),
      () => ({ reason: "not_a_member", detail: "x".repeat(501) }),
      () => new Promise(() => undefined),
    ];
    for (const failure of failures) {
      hook.mockImplementation(failure);
      for (const way of ways[name]) {
        const refused = await way(app, tokens);
        expect(refused.statusCode).toBe(503);
        expect(refused.body).not.toContain("club is away");
      }
    }
    expect(await stateOf(app)).toEqual(state);
  });
});

const full = {
  reason: "quota_used_up",
  detail: "Your club has as many members as it paid for.",
  status: 402,
  type: "https://club.example.com/problems/quota",
  title: "The quota is used up",
  retryAfterSeconds: 3600,
  members: { quota: 10, owner: { name: "the club" }, plans: ["small", "large"] },
} as const;

describe("a refusal of the app's own", () => {
  test.each(names.filter((name) => name !== "renewal"))(
    "before a %s has its status, type, title and members, and nothing has changed",
    async (name) => {
      const [app, tokens] = await startLoggedIn(name, () => full);
      const state = await stateOf(app);
      for (const way of ways[name]) {
        const refused = await way(app, tokens);
        expect(refused.statusCode).toBe(402);
        expect(refused.headers).toMatchObject({
          "content-type": "application/problem+json",
          "retry-after": "3600",
          "cache-control": "no-store",
        });
        expect(refused.headers).not.toHaveProperty("www-authenticate");
        const { members, retryAfterSeconds: _seconds, ...document } = full;
        expect(refused.json()).toEqual({
          ...document,
          ...members,
          code: "refused_by_app",
          request_id: expect.any(String) as string,
        });
      }
      expect(await stateOf(app)).toEqual(state);
    },
  );

  test("before a renewal is an error of OAuth with its detail, and the session lives on", async () => {
    const hook = vi.fn<() => unknown>(() => full);
    const [app, tokens] = await startLoggedIn("renewal", hook);
    const refused = await renew(app, tokens.refresh_token);
    expect([refused.statusCode, refused.json()]).toEqual([
      403,
      { error: "access_denied", error_description: full.detail },
    ]);
    hook.mockReturnValue(undefined);
    expect((await renew(app, tokens.refresh_token)).statusCode).toBe(200);
  });

  /** What the runner makes of what a hook gives, without a server around it. */
  async function refusalOf(given: unknown): Promise<ServiceError> {
    const hooks = { before: { login: () => given } } as unknown as Hooks;
    const told: unknown[] = [];
    const runner = createHookRunner({ hooks, onError: (error) => told.push(error) });
    const event = {} as HookEvents["login"];
    const error: unknown = await runner.before("login", event).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ServiceError)) throw new TypeError("nothing was refused");
    expect(told).toHaveLength(error.code === "unavailable" ? 1 : 0);
    return error;
  }

  test.each([400, 402, 403, 404, 409, 410, 422, 423, 429, 451])("may have the status %i", async (status) => {
    const refusal = await refusalOf({ reason: "no", detail: "No.", status });
    expect(problemOf(refusal, "https://api.example.com/problems/", "1")).toEqual({
      type: "https://api.example.com/problems/refused_by_app",
      title: "The app behind this server refuses this",
      status,
      code: "refused_by_app",
      detail: "No.",
      reason: "no",
      request_id: "1",
    });
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self_"] = cyclic;
  const deep = { a01: { a02: { a03: { a04: { a05: {} } } } } };
  test.each<[string, object]>([
    ...[100, 200, 201, 204, 302, 304, 401, 405, 407, 408, 413, 426, 500, 503, 403.5, Number.NaN, "403"].map(
      (status): [string, object] => [`the status ${status}`, { status }],
    ),
    ["the type about:blank", { type: "about:blank" }],
    ["a type that is a script", { type: "javascript:alert(1)" }],
    ["a type by plain http", { type: "http://club.example.com/quota" }],
    ["a relative type", { type: "/problems/quota" }],
    ["a type with a line break", { type: "https://club.example.com/\r\nx: y" }],
    ["a type that is too long", { type: `https://club.example.com/${"x".repeat(500)}` }],
    ["an empty title", { title: "" }],
    ["a title that is too long", { title: "x".repeat(201) }],
    ["a title with half a surrogate pair", { title: "\ud800" }],
    ["a detail with a NUL", { detail: "a\0b" }],
    ["half a second", { retryAfterSeconds: 0.5 }],
    ["no seconds", { retryAfterSeconds: 0 }],
    ["a day and a second", { retryAfterSeconds: 86_401 }],
    ["a date", { retryAfterSeconds: new Date() }],
    ["members that are a list", { members: [] }],
    ["members that are null", { members: null }],
    ["a cycle", { members: cyclic }],
    ["six levels", { members: deep }],
    ["2 KiB and more", { members: { text: "x".repeat(2048) } }],
    ["a BigInt", { members: { quota: 1n } }],
    ["a function", { members: { quota: () => 1 } }],
    ["a Date", { members: { since: new Date(0) } }],
    ["an error", { members: { cause: new TypeError("internal") } }],
    ["a prototype", { members: JSON.parse('{"__proto__": {"quota": 1}}') as object }],
    ["a short name", { members: { ab: 1 } }],
    ...["type", "title", "status", "detail", "instance", "code", "reason", "request_id"].map(
      (name): [string, object] => [`a member ${name}`, { members: { [name]: "x" } }],
    ),
    ["a login challenge", { members: { login_challenge: "x", factors: ["totp"] } }],
    ["a misspelt part", { statusCode: 409 }],
  ])("is 503 with %s, and tells nobody but the log why", async (_what, part) => {
    const refusal = await refusalOf({ reason: "no", detail: "No.", ...part });
    expect(refusal).toMatchObject({ code: "unavailable", statusCode: 503, detail: undefined });
    expect(JSON.stringify(problemOf(refusal, "/problems/", "1"))).not.toMatch(/No\.|before\.login/);
  });
});

test("hooks are not asked about a wrong password, a dead token or an address that is no address", async () => {
  const hook = vi.fn();
  const before = Object.fromEntries(names.map((name) => [name, hook])) as Hooks["before"];
  const app = await startApp({ hooks: { before } });
  await newAccount(app);
  const tokens = await login(app);
  hook.mockClear();
  const wrong = "wrong violin ledger";
  await send(app, "POST", "/login", { email, password: wrong });
  await send(app, "POST", "/signup", { email: "nobody", password });
  await send(app, "POST", "/signup", { email: "eve@example.com", password: "password" });
  await renew(app, "x".repeat(71));
  await send(app, "PUT", "/me/password", { current_password: wrong, new_password: newPassword }, tokens);
  await send(app, "DELETE", "/me", { current_password: wrong }, tokens);
  expect(hook).not.toHaveBeenCalled();
});

test("hooks hear before and after of everything, and never a secret", async () => {
  const heard: [string, unknown][] = [];
  const both = (time: string) =>
    Object.fromEntries(
      names.map((name) => [name, (event: unknown) => void heard.push([`${time} ${name}`, event])]),
    );
  const app = await startApp({ hooks: { before: both("before"), after: both("after") } });
  await newAccount(app);
  const tokens = await login(app);
  const renewed = (await renew(app, tokens.refresh_token)).json<Tokens>();
  const changed = (await ways.passwordChange[0]?.(app, renewed))?.json<Tokens>();
  const gone = await send(app, "DELETE", "/me", { current_password: newPassword }, changed);
  expect(gone.statusCode).toBe(204);
  expect(heard.map(([name]) => name)).toEqual(
    ["signup", "login", "renewal", "passwordChange", "deletion"].flatMap((name) => [
      `before ${name}`,
      `after ${name}`,
    ]),
  );
  const account = { id: expect.any(String), email, roles: ["user"], emailVerified: false };
  const session = { clientId: "first-party", amr: ["pwd"], factors: 1, carries: "token" };
  expect(heard[0]?.[1]).toEqual({ email, name: null });
  expect(heard[1]?.[1]).toMatchObject({ account });
  expect(heard[3]?.[1]).toMatchObject({ account, session });
  expect(heard[5]?.[1]).toMatchObject({ account, session });
  const text = JSON.stringify(heard);
  for (const secret of [password, newPassword, ...Object.values(tokens), ...Object.values(renewed)])
    if (typeof secret === "string") expect(text).not.toContain(secret);
});

test("an administrator's removal is refused and heard, too", async () => {
  const deletion = vi.fn<() => unknown>(() => ({ reason: "owes_money", detail: "There is an open bill." }));
  const after = vi.fn();
  const app = await startApp({ hooks: { before: { deletion }, after: { deletion: after } } as Hooks });
  await newAccount(app);
  await newAccount(app, "root");
  await sql`update users set roles = ${'["admin"]'} where email = 'root@example.com'`.execute(
    app.auth.database,
  );
  const { rows } = await sql<{ id: string }>`select id from users where email = ${email}`.execute(
    app.auth.database,
  );
  const headers = bearer(await login(app, "root@example.com"));
  const remove = () => app.inject({ method: "DELETE", url: `/admin/accounts/${rows[0]?.id}`, headers });
  const refused = await remove();
  expect(refused.statusCode).toBe(403);
  expect(refused.json()).toMatchObject({ code: "refused_by_app", reason: "owes_money" });
  expect(after).not.toHaveBeenCalled();
  deletion.mockReturnValue(undefined);
  expect((await remove()).statusCode).toBe(204);
  expect(after).toHaveBeenCalledOnce();
});

test("after hooks hold nothing up, may fail, and have ended when the server has", async () => {
  const errors: unknown[] = [];
  let finish: () => void = () => undefined;
  let ended = false;
  const login = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    ended = true;
  };
  const failing = new TypeError("the club is away");
  const runner = createHookRunner({
    hooks: {
      after: {
        login,
        signup: () => {
          throw failing;
        },
      },
    },
    onError: (error, name) => errors.push([name, error]),
  });
  const account = {
    id: "a",
    email,
    emailVerified: false,
    name: null,
    roles: [],
    metadata: {},
    appMetadata: {},
  };
  const session = { clientId: "first-party", amr: ["pwd"], factors: 1, carries: "token" } as const;
  runner.after("login", { account, session });
  runner.after("signup", { account });
  expect(ended).toBe(false);
  const settled = runner.settle();
  finish();
  await settled;
  expect(ended).toBe(true);
  expect(errors).toEqual([["signup", failing]]);
});

test("a hook under a name that is none would never run, and is refused", () => {
  for (const hooks of [[], { before: { signUp: () => undefined } }, { during: {} }, { after: { login: 1 } }])
    expect(() => readOptions({ issuer, hooks: hooks as never })).toThrow(/hooks must be/);
  expect(readOptions({ issuer, hooks: { before: {}, after: undefined } }).hooks).toBeDefined();
});
