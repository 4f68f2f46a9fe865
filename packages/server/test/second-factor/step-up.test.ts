// POST /login/step-up: the session that rises, what was held before, and who is let in by which.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  bearer,
  login,
  newAccount,
  newApp,
  openCookieSession,
  password,
  postForm,
  renew,
  startApp,
  type Tokens,
} from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { raceOf } from "../races.ts";
import { protect } from "./factors.ts";

const databases = { SQLite: async () => "sqlite::memory:", PostgreSQL: newPostgresUrl };

interface Claims {
  readonly sid: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly auth_time: number;
}

function claimsOf({ access_token: token }: Pick<Tokens, "access_token">): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
}

function stepUp(
  app: FastifyInstance,
  headers: Readonly<Record<string, string>>,
  payload: object,
): Promise<LightMyRequestResponse> {
  return app.inject({ method: "POST", url: "/login/step-up", headers, payload });
}

const withPassword = { factor: "password", password };
const sameOrigin = { "sec-fetch-site": "same-origin" };

function cookieOf(answer: LightMyRequestResponse): string {
  const [, value = ""] = /__Host-session=([\w-]{43})/.exec(String(answer.headers["set-cookie"])) ?? [];
  return value;
}

const carrying = (cookie: string) => ({ cookie: `__Host-session=${cookie}`, ...sameOrigin });

describe.each(Object.entries(databases))("a step-up of tokens on %s", (_name, newUrl) => {
  /** Somebody whose account has a second factor, and who logged in before it had. */
  async function start() {
    const app = await startApp({
      databaseUrl: await newUrl(),
      guessesPerAccount: 1000,
      guessesPerSource: 1000,
    });
    await newAccount(app);
    const before = await login(app);
    return { app, before, ...(await protect(app)) };
  }

  test("UP-01: gives tokens of the same session at the raised level, which renewals keep", async () => {
    const { app, before, recoveryCodes } = await start();
    const answer = await stepUp(app, bearer(before), { factor: "recovery_code", code: recoveryCodes[0] });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.headers).not.toHaveProperty("set-cookie");
    const raised = answer.json<Tokens>();
    const renewed = (await renew(app, raised.refresh_token)).json<Tokens>();
    const again = (await renew(app, renewed.refresh_token)).json<Tokens>();
    for (const tokens of [raised, renewed, again]) {
      expect(claimsOf(tokens)).toMatchObject({
        sid: claimsOf(before).sid,
        acr: "aal2",
        amr: ["pwd", "otp", "mfa"],
        auth_time: claimsOf(raised).auth_time,
      });
    }
    expect(claimsOf(raised).auth_time).toBeGreaterThan(claimsOf(before).auth_time);
    expect((await app.inject({ url: "/me", headers: bearer(again) })).statusCode).toBe(200);
  });

  test("UP-02: until that is presented what was held before goes on, and its lost answer locks nobody out", async () => {
    const { app, before, authenticator, recoveryCodes } = await start();
    let held = before;
    for (const code of [recoveryCodes[0], recoveryCodes[1]]) {
      await stepUp(app, bearer(held), { factor: "recovery_code", code });
      held = (await renew(app, held.refresh_token)).json<Tokens>();
      expect(claimsOf(held)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
      expect((await app.inject({ url: "/me", headers: bearer(held) })).statusCode).toBe(200);
    }
    const answer = await stepUp(app, bearer(held), { factor: "totp", code: authenticator.code() });
    expect(claimsOf(answer.json<Tokens>()).acr).toBe("aal2");
  });

  test("UP-03: once it was presented, the older access token is dead and the older refresh token a thief's", async () => {
    const { app, before, recoveryCodes } = await start();
    const raised = (
      await stepUp(app, bearer(before), { factor: "recovery_code", code: recoveryCodes[0] })
    ).json<Tokens>();
    const renewed = (await renew(app, raised.refresh_token)).json<Tokens>();
    // The same answer again for whoever lost it.
    expect((await renew(app, raised.refresh_token)).json()).toMatchObject({
      refresh_token: renewed.refresh_token,
    });
    const stale = await app.inject({ url: "/me", headers: bearer(before) });
    expect(stale.json()).toMatchObject({ code: "token_invalid" });
    const late = await stepUp(app, bearer(before), withPassword);
    expect(late.statusCode).toBe(401);

    expect((await renew(app, before.refresh_token)).statusCode).toBe(400);
    expect((await renew(app, renewed.refresh_token)).statusCode).toBe(400);
    const activity = await app.inject({
      url: "/me/activity",
      headers: bearer(await loginAgain(app, recoveryCodes)),
    });
    const events = activity
      .json<{ activity: readonly { event: string; sid: string | null }[] }>()
      .activity.filter(({ sid }) => sid === claimsOf(before).sid);
    expect(events.map(({ event }) => event)).toEqual([
      "renewal_reused",
      "session_raised",
      "session_stepped_up",
      "session_opened",
    ]);
  });

  async function loginAgain(app: FastifyInstance, codes: readonly string[]): Promise<Tokens> {
    const half = await app.inject({
      method: "POST",
      url: "/login",
      payload: { email: "ada@example.com", password },
    });
    const { login_challenge: challenge } = half.json<{ login_challenge: string }>();
    const payload = { login_challenge: challenge, factor: "recovery_code", code: codes[9] };
    return (await app.inject({ method: "POST", url: "/login/factor", payload })).json<Tokens>();
  }

  test("UP-03: a copy of the older access token does not rise with its owner, though it has the password", async () => {
    const { app, before, recoveryCodes } = await start();
    const code = recoveryCodes[0];
    const raised = (await stepUp(app, bearer(before), { factor: "recovery_code", code })).json<Tokens>();
    // The copy shows the password, before the owner presents what they were given.
    const copy = (await stepUp(app, bearer(before), withPassword)).json<Tokens>();
    expect(claimsOf(copy)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
    expect(claimsOf((await renew(app, copy.refresh_token)).json<Tokens>()).acr).toBe("aal1");
    // What the owner holds is older now: both learn that there are two of them.
    expect((await renew(app, raised.refresh_token)).statusCode).toBe(400);
    expect((await renew(app, copy.refresh_token)).statusCode).toBe(400);
  });

  test("UP-02: a second step-up whose answer is lost leaves the first at its level", async () => {
    const { app, before, recoveryCodes } = await start();
    const code = recoveryCodes[0];
    const raised = (await stepUp(app, bearer(before), { factor: "recovery_code", code })).json<Tokens>();
    expect((await stepUp(app, bearer(raised), withPassword)).statusCode).toBe(200);
    const renewed = (await renew(app, raised.refresh_token)).json<Tokens>();
    expect(claimsOf(renewed)).toMatchObject({ acr: "aal2", auth_time: claimsOf(raised).auth_time });
    expect((await renew(app, before.refresh_token)).statusCode).toBe(400);
  });

  test("UP-02: of two step-ups at once the answer that came second is lost, and the first goes on", async () => {
    const { app, before } = await start();
    const answers = [
      await stepUp(app, bearer(before), withPassword),
      await stepUp(app, bearer(before), withPassword),
    ];
    const [first] = answers.map((answer) => answer.json<Tokens>());
    const renewed = await renew(app, first?.refresh_token ?? "");
    expect(renewed.statusCode).toBe(200);
  });

  test("UP-01: of 64 at once with one code, one rises", async () => {
    const { app, before, recoveryCodes } = await start();
    let raised: Tokens | undefined;
    const counts = await raceOf(
      64,
      () => stepUp(app, bearer(before), { factor: "recovery_code", code: recoveryCodes[0] }),
      (answer) => {
        if (answer.statusCode === 200) raised = answer.json<Tokens>();
      },
    );
    expect(counts).toEqual({ 200: 1, 403: 63 });
    const renewed = (await renew(app, raised?.refresh_token ?? "")).json<Tokens>();
    expect(claimsOf(renewed).acr).toBe("aal2");
  });

  test("UP-04: wrong codes are counted as at a login, and refused with 403, as the session lives", async () => {
    const { app, before, authenticator, recoveryCodes } = await start();
    const wrong = { factor: "totp", code: authenticator.wrongCode() };
    for (let count = 0; count < 10; count += 1) {
      const answer = await stepUp(app, bearer(before), wrong);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        403,
        "second_factor_invalid",
      ]);
    }
    const locked = await stepUp(app, bearer(before), { factor: "totp", code: authenticator.code() });
    expect([locked.statusCode, locked.json<{ code: string }>().code]).toEqual([429, "second_factor_locked"]);
    const recovered = await stepUp(app, bearer(before), { factor: "recovery_code", code: recoveryCodes[0] });
    expect(recovered.statusCode).toBe(200);
    const guess = await stepUp(app, bearer(before), {
      factor: "password",
      password: "not the violin ledger",
    });
    expect([guess.statusCode, guess.json<{ code: string }>().code]).toEqual([403, "invalid_credentials"]);
    expect((await renew(app, before.refresh_token)).statusCode).toBe(200);
  });

  test("UP-04: whoever is not logged in, or sends no factor, is refused before anything is asked", async () => {
    const { app, before, recoveryCodes } = await start();
    const code = recoveryCodes[0] ?? "";
    const shown = { factor: "recovery_code", code };
    expect((await stepUp(app, {}, shown)).statusCode).toBe(401);
    expect((await stepUp(app, { authorization: "Bearer x" }, shown)).statusCode).toBe(401);
    const malformed: unknown[] = [
      {},
      [],
      null,
      { factor: "recovery_code" },
      { factor: "password", code },
      { factor: "sms", code },
      { factor: "totp", code: ["1"] },
      { factor: "totp", code: "" },
      { factor: "totp", code: "1".repeat(65) },
      { factor: "passkey", response: "x" },
      { ...shown, email: "eve@example.com" },
    ];
    for (const payload of malformed) {
      const answer = await stepUp(app, bearer(before), payload as object);
      expect(answer.statusCode, JSON.stringify(payload)).toBe(400);
    }
    const unknown = await stepUp(app, bearer(before), { factor: "passkey", response: { id: "AAAA" } });
    expect(unknown.statusCode).toBe(403);
    await postForm(app, "/revoke", { token: before.refresh_token });
    expect((await stepUp(app, bearer(before), shown)).statusCode).toBe(401);
  });

  test("UP-05: who is refused for their level, or the age of their login, gets in after a step-up", async () => {
    const app = newApp({ databaseUrl: await newUrl() });
    onTestFinished(() => app.close());
    app.register(async (scope) => {
      const { required } = scope.auth;
      const guards = {
        "/strong": required({ factors: 2, cookies: true }),
        "/recent": required({ maxAuthAgeSeconds: 300, cookies: true }),
      };
      for (const [url, onRequest] of Object.entries(guards))
        scope.get(url, { onRequest }, async (request) => ({ id: request.identity?.subject }));
    });
    await app.ready();
    await newAccount(app);
    const [tokens, cookie] = [await login(app), await openCookieSession(app)];
    const { recoveryCodes } = await protect(app);
    await sql`update sessions set authenticated_at = authenticated_at - 3600000`.execute(app.auth.database);
    const old = bearer((await renew(app, tokens.refresh_token)).json<Tokens>());

    const challenges = { "/strong": 'acr_values="aal2"', "/recent": 'max_age="300"' };
    const steps = [
      { url: "/recent", shown: withPassword },
      { url: "/strong", shown: { factor: "recovery_code", code: recoveryCodes[0] } },
    ] as const;
    let [byToken, byCookie]: Readonly<Record<string, string>>[] = [old, carrying(cookie)];
    for (const { url, shown } of steps) {
      const refused = await app.inject({ url, headers: byToken ?? {} });
      expect(refused.statusCode).toBe(401);
      expect(refused.headers["www-authenticate"]).toBe(
        `Bearer error="insufficient_user_authentication", ${challenges[url]}`,
      );
      expect((await app.inject({ url, headers: byCookie ?? {} })).statusCode).toBe(401);
      const raised = (await stepUp(app, byToken ?? {}, shown)).json<Tokens>();
      const again = shown === withPassword ? shown : { ...shown, code: recoveryCodes[1] };
      byCookie = carrying(cookieOf(await stepUp(app, byCookie ?? {}, again)));
      byToken = bearer(raised);
      expect((await app.inject({ url, headers: byToken })).statusCode).toBe(200);
      expect((await app.inject({ url, headers: byCookie })).statusCode).toBe(200);
      const renewed = (await renew(app, raised.refresh_token)).json<Tokens>();
      byToken = bearer(renewed);
      expect((await app.inject({ url, headers: byToken })).statusCode).toBe(200);
    }
    for (const url of ["/recent", "/strong"])
      expect((await app.inject({ url, headers: old })).statusCode).toBe(401);
  });
});

const stores = ["database", "memory"] as const;
const cookieCases = Object.entries(databases).flatMap(([name, newUrl]) =>
  stores.map((sessionStore) => ({ name: `${sessionStore}, accounts on ${name}`, newUrl, sessionStore })),
);

describe.each(cookieCases)("a step-up of a cookie kept in $name", ({ newUrl, sessionStore }) => {
  async function start() {
    const app = await startApp({ databaseUrl: await newUrl(), sessionStore });
    await newAccount(app);
    const before = await openCookieSession(app);
    const protection = await protect(app);
    const sidOf = async (cookie: string): Promise<string | undefined> => {
      const answer = await app.inject({ url: "/me/sessions", headers: carrying(cookie) });
      if (answer.statusCode !== 200) return undefined;
      const { sessions } = answer.json<{ sessions: readonly { id: string; current: boolean }[] }>();
      return sessions.find(({ current }) => current)?.id;
    };
    /** Only a session of two factors may do this without the password. */
    const isRaised = async (cookie: string): Promise<boolean> => {
      const url = "/me/recovery-codes";
      const answer = await app.inject({ method: "POST", url, headers: carrying(cookie), payload: {} });
      return answer.statusCode === 200;
    };
    return { app, before, sidOf, isRaised, ...protection };
  }

  test("UP-01, UP-03: a new cookie of the same session, at whose first use the older one is void", async () => {
    const { app, before, sidOf, isRaised, recoveryCodes } = await start();
    const sid = await sidOf(before);
    expect(await isRaised(before)).toBe(false);
    const answer = await stepUp(app, carrying(before), { factor: "recovery_code", code: recoveryCodes[0] });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
    const raised = cookieOf(answer);
    expect(raised).not.toBe(before);
    expect(await sidOf(before)).toBe(sid);
    expect(await isRaised(before)).toBe(false);
    expect(await sidOf(raised)).toBe(sid);
    expect(await isRaised(raised)).toBe(true);
    expect(await sidOf(before)).toBeUndefined();
  });

  test("UP-02: an answer that is lost locks nobody out, and its cookie is void once another was given", async () => {
    const { app, before, sidOf, recoveryCodes } = await start();
    const sid = await sidOf(before);
    const lost = cookieOf(
      await stepUp(app, carrying(before), { factor: "recovery_code", code: recoveryCodes[0] }),
    );
    const given = cookieOf(
      await stepUp(app, carrying(before), { factor: "recovery_code", code: recoveryCodes[1] }),
    );
    expect(await sidOf(lost)).toBeUndefined();
    expect(await sidOf(before)).toBe(sid);
    expect(await sidOf(given)).toBe(sid);
  });

  test("UP-03: 64 first uses at once are all let in, and none with the older one after them", async () => {
    const { app, before, isRaised, recoveryCodes } = await start();
    const raised = cookieOf(
      await stepUp(app, carrying(before), { factor: "recovery_code", code: recoveryCodes[0] }),
    );
    const counts = await raceOf(64, () => app.inject({ url: "/me", headers: carrying(raised) }));
    expect(counts).toEqual({ 200: 64 });
    expect(await isRaised(raised)).toBe(true);
    expect(await raceOf(64, () => app.inject({ url: "/me", headers: carrying(before) }))).toEqual({
      401: 64,
    });
  });

  test("UP-03: who logs out with the new cookie, unused so far, ends the session", async () => {
    const { app, before, sidOf, recoveryCodes } = await start();
    const raised = cookieOf(
      await stepUp(app, carrying(before), { factor: "recovery_code", code: recoveryCodes[0] }),
    );
    const out = await app.inject({ method: "DELETE", url: "/session", headers: carrying(raised) });
    expect(out.statusCode).toBe(204);
    expect([await sidOf(before), await sidOf(raised)]).toEqual([undefined, undefined]);
  });

  test("UP-04: a foreign page raises nothing", async () => {
    const { app, before, sidOf, recoveryCodes } = await start();
    const { cookie } = carrying(before);
    for (const foreign of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, {}]) {
      const shown = { factor: "recovery_code", code: recoveryCodes[0] };
      const answer = await stepUp(app, { cookie, ...foreign }, shown);
      expect(answer.json()).toMatchObject({ code: "cross_site" });
      expect(answer.headers).not.toHaveProperty("set-cookie");
    }
    expect(await sidOf(before)).toBeDefined();
  });
});
