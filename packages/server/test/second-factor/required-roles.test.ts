// requireSecondFactor: roles that no session has before its account has a second factor, and has shown it.
import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import {
  bearer,
  login,
  newAccount,
  openCookieSession,
  password,
  postForm,
  renew,
  startApp,
  type Tokens,
} from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { challengeOf, protect, showFactor } from "./factors.ts";

const databases = { SQLite: async () => "sqlite::memory:", PostgreSQL: newPostgresUrl };
const sessionStores = ["database", "memory"] as const;
const cases = Object.entries(databases).flatMap(([name, newUrl]) =>
  sessionStores.map((sessionStore) => ({
    name: `${name}, cookies in ${sessionStore}`,
    newUrl,
    sessionStore,
  })),
);

const sameOrigin = { "sec-fetch-site": "same-origin" };
type Headers = Readonly<Record<string, string>>;

describe.each(cases)("AD-04: a role that needs a second factor, on $name", ({ newUrl, sessionStore }) => {
  const introspector = { id: "api", secret: randomBytes(32).toString("base64url") };

  /** Somebody who is an administrator by that role, with and without which they have another one. */
  async function start() {
    const heard: unknown[] = [];
    const app = await startApp({
      databaseUrl: await newUrl(),
      sessionStore,
      admin: true,
      requireSecondFactor: ["admin"],
      introspectionClients: { [introspector.id]: introspector.secret },
      claimNames: ["plan"],
      claims: (account) => {
        heard.push(account.roles);
        return { plan: account.roles.join(" ") };
      },
    });
    await newAccount(app);
    const roles = JSON.stringify(["user", "admin"]);
    await sql`update users set roles = ${roles}`.execute(app.auth.database);
    return { app, heard };
  }

  function rolesOf({ access_token: token }: Tokens): readonly string[] {
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      roles: readonly string[];
      plan: string;
    };
    // What an app makes of the account is made of the same roles.
    expect(payload.plan).toBe(payload.roles.join(" "));
    return payload.roles;
  }

  async function mayAdminister(app: FastifyInstance, headers: Headers): Promise<boolean> {
    const { statusCode } = await app.inject({ url: "/admin/accounts", headers });
    const listed = await app.inject({ url: "/me/permissions", headers });
    const { permissions } = listed.json<{ permissions: readonly string[] }>();
    expect(permissions.length > 0).toBe(statusCode === 200);
    const me = (await app.inject({ url: "/me", headers })).json<{
      roles: unknown;
      withheld_roles?: unknown;
    }>();
    expect(me.roles).toEqual(["user", "admin"]);
    expect(me.withheld_roles).toEqual(statusCode === 200 ? undefined : ["admin"]);
    expect([200, 403]).toContain(statusCode);
    return statusCode === 200;
  }

  const cookieOf = (value: string): Headers => ({ cookie: `__Host-session=${value}`, ...sameOrigin });
  const setBy = (header: unknown): string => /__Host-session=([\w-]{43})/.exec(String(header))?.[1] ?? "";

  async function introspected(app: FastifyInstance, { access_token: token }: Tokens): Promise<unknown> {
    const { id, secret } = introspector;
    const fields = { token, client_id: id, client_secret: secret };
    return (await postForm(app, "/introspect", fields)).json<{ roles: unknown }>().roles;
  }

  test("is in no session of an account without one, whatever it is given by: login, renewal, a new password, a step-up", async () => {
    const { app } = await start();
    const first = await login(app);
    const renewed = (await renew(app, first.refresh_token)).json<Tokens>();
    const change = { current_password: password, new_password: "another violin ledger" };
    const changed = (
      await app.inject({ method: "PUT", url: "/me/password", headers: bearer(renewed), payload: change })
    ).json<Tokens>();
    const again = { factor: "password", password: change.new_password };
    const raised = (
      await app.inject({ method: "POST", url: "/login/step-up", headers: bearer(changed), payload: again })
    ).json<Tokens>();
    for (const tokens of [first, renewed, changed, raised]) expect(rolesOf(tokens)).toEqual(["user"]);
    expect(await introspected(app, raised)).toEqual(["user"]);
    expect(await mayAdminister(app, bearer(raised))).toBe(false);

    const cookie = await openCookieSession(app, "ada@example.com", change.new_password);
    expect(await mayAdminister(app, cookieOf(cookie))).toBe(false);
    const raisedCookie = await app.inject({
      method: "POST",
      url: "/login/step-up",
      headers: cookieOf(cookie),
      payload: again,
    });
    expect(await mayAdminister(app, cookieOf(setBy(raisedCookie.headers["set-cookie"])))).toBe(false);
  });

  test("is in each that has shown it, and in none from before it was added", async () => {
    const { app, heard } = await start();
    const before = await login(app);
    const cookieBefore = await openCookieSession(app);
    const { recoveryCodes } = await protect(app);
    let next = 0;
    const shown = () => ({ factor: "recovery_code", code: recoveryCodes[next++] });
    const renewed = (await renew(app, before.refresh_token)).json<Tokens>();
    expect(rolesOf(renewed)).toEqual(["user"]);
    expect(await mayAdminister(app, cookieOf(cookieBefore))).toBe(false);

    const whole = { login_challenge: await challengeOf(app), ...shown() };
    const strong = (await showFactor(app, whole)).json<Tokens>();
    const stepUp = async (headers: Headers) =>
      app.inject({ method: "POST", url: "/login/step-up", headers, payload: shown() });
    const raised = (await stepUp(bearer(renewed))).json<Tokens>();
    // What was held before the step-up is as it was.
    expect(await mayAdminister(app, bearer(renewed))).toBe(false);
    const strongNext = (await renew(app, strong.refresh_token)).json<Tokens>();
    const everywhere = [strong, strongNext, raised];
    for (const tokens of everywhere) {
      expect(rolesOf(tokens)).toEqual(["user", "admin"]);
      expect(await mayAdminister(app, bearer(tokens))).toBe(true);
    }
    expect(await introspected(app, strong)).toEqual(["user", "admin"]);
    expect(heard).toContainEqual(["user"]);

    const half = { login_challenge: await challengeOf(app, "/session"), ...shown() };
    const cookie = setBy((await showFactor(app, half, sameOrigin)).headers["set-cookie"]);
    expect(await mayAdminister(app, cookieOf(cookie))).toBe(true);
    const raisedCookie = setBy((await stepUp(cookieOf(cookieBefore))).headers["set-cookie"]);
    expect(await mayAdminister(app, cookieOf(raisedCookie))).toBe(true);

    // What changes something is judged again by the same roles, before and after the first renewal.
    const asks = [
      async () => bearer(raised),
      async () => bearer((await renew(app, raised.refresh_token)).json<Tokens>()),
      async () => cookieOf(cookie),
    ];
    for (const ask of asks) {
      const made = await app.inject({
        method: "POST",
        url: "/admin/accounts",
        headers: { ...(await ask()), ...sameOrigin },
        payload: { email: `made${next++}@example.com` },
      });
      expect(made.statusCode, made.body).toBe(201);
    }
    const removal = { method: "DELETE", url: "/me/totp", headers: bearer(strongNext) } as const;
    expect((await app.inject(removal)).json()).toMatchObject({ code: "factor_needed" });
  });

  test("is in none of two factors once the account has no factor any more", async () => {
    const { app } = await start();
    const { recoveryCodes } = await protect(app);
    const shown = { factor: "recovery_code", code: recoveryCodes[0] };
    const whole = { login_challenge: await challengeOf(app), ...shown };
    const strong = (await showFactor(app, whole)).json<Tokens>();
    expect(rolesOf(strong)).toEqual(["user", "admin"]);
    await sql`delete from totp`.execute(app.auth.database);
    await sql`update users set second_factor = 0`.execute(app.auth.database);
    expect(rolesOf((await renew(app, strong.refresh_token)).json<Tokens>())).toEqual(["user"]);
    const made = await app.inject({
      method: "POST",
      url: "/admin/accounts",
      headers: bearer(strong),
      payload: { email: "made@example.com" },
    });
    expect(made.json()).toMatchObject({ code: "forbidden" });
  });
});
