// Logging in to an account with a second factor, in both carriers and with both session stores.
import { describe, expect, test, vi } from "vitest";
import {
  bearer,
  login,
  newAccount,
  openCookieSession,
  password,
  renew,
  startApp,
  type Tokens,
} from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { raceOf } from "../races.ts";
import { challengeOf, protect, showFactor } from "./factors.ts";

const databases = { SQLite: async () => "sqlite::memory:", PostgreSQL: newPostgresUrl };

function claimsOf({ access_token: token }: Tokens): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
}

describe.each(Object.entries(databases))("a login with a second factor on %s", (_name, newUrl) => {
  const start = async () => {
    const app = await startApp({
      databaseUrl: await newUrl(),
      guessesPerAccount: 1000,
      guessesPerSource: 1000,
    });
    await newAccount(app);
    return { app, ...(await protect(app)) };
  };

  test("RC-07: the password alone gives a challenge and no token", async () => {
    const { app } = await start();
    const response = await app.inject({
      method: "POST",
      url: "/login",
      payload: { email: "ada@example.com", password },
    });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({
      code: "second_factor_required",
      factors: ["totp", "recovery_code"],
    });
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.body).not.toContain("access_token");
    const wrong = await app.inject({
      method: "POST",
      url: "/login",
      payload: { email: "ada@example.com", password: "not the violin ledger" },
    });
    expect(wrong.json()).toMatchObject({ code: "invalid_credentials" });
  });

  test("RC-07: a code finishes the login, and the tokens say so, renewed ones too", async () => {
    const { app, authenticator } = await start();
    const challenge = await challengeOf(app);
    const before = Math.floor(Date.now() / 1000);
    const answer = await showFactor(app, {
      login_challenge: challenge,
      factor: "totp",
      code: authenticator.code(),
    });
    expect(answer.statusCode).toBe(200);
    const renewed = (await renew(app, answer.json<Tokens>().refresh_token)).json<Tokens>();
    for (const tokens of [answer.json<Tokens>(), renewed]) {
      const claims = claimsOf(tokens);
      expect(claims).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
      expect(claims["auth_time"]).toBeGreaterThanOrEqual(before - 1);
    }
  });

  test("RC-07: of 64 at once with one challenge and one code, one logs in", async () => {
    const { app, authenticator } = await start();
    const payload = { login_challenge: await challengeOf(app), factor: "totp", code: authenticator.code() };
    expect(await raceOf(64, () => showFactor(app, payload))).toEqual({ 200: 1, 401: 63 });
  });

  test("RC-07: of 64 at once with one challenge and one code each, one logs in", async () => {
    const { app, recoveryCodes } = await start();
    const challenge = await challengeOf(app);
    let headers = {};
    const counts = await raceOf(
      64,
      (index) =>
        showFactor(app, {
          login_challenge: challenge,
          factor: "recovery_code",
          code: recoveryCodes[index % 10],
        }),
      (answer) => {
        if (answer.statusCode === 200) headers = bearer(answer.json<Tokens>());
      },
    );
    expect(counts).toEqual({ 200: 1, 401: 63 });
    // What lost has used up no code but the winner's.
    expect((await app.inject({ url: "/me/factors", headers })).json()).toMatchObject({ recovery_codes: 9 });
  });

  test("RC-07: of 64 at once with one recovery code and challenges of their own, one logs in", async () => {
    const { app, recoveryCodes } = await start();
    const challenges: string[] = [];
    for (let count = 0; count < 8; count += 1) challenges.push(await challengeOf(app));
    const counts = await raceOf(64, (index) =>
      showFactor(app, {
        login_challenge: challenges[index % 8],
        factor: "recovery_code",
        code: recoveryCodes[0],
      }),
    );
    expect(counts).toEqual({ 200: 1, 401: 63 });
  });

  test("RC-07: a code is taken once, also with another challenge", async () => {
    const { app, authenticator } = await start();
    const code = authenticator.code();
    const first = await showFactor(app, { login_challenge: await challengeOf(app), factor: "totp", code });
    const second = await showFactor(app, { login_challenge: await challengeOf(app), factor: "totp", code });
    expect([first.statusCode, second.statusCode]).toEqual([200, 401]);
    expect(second.json()).toMatchObject({ code: "second_factor_invalid" });
  });

  test("RC-07, TH-05: wrong codes do not use up the challenge; ten lock the codes, which is said; 64 at once are ten", async () => {
    const { app, authenticator, recoveryCodes } = await start();
    const challenge = await challengeOf(app);
    const wrong = { login_challenge: challenge, factor: "totp", code: authenticator.wrongCode() };
    const answers = await Promise.all(Array.from({ length: 64 }, () => showFactor(app, wrong)));
    const codes = answers.map((answer) => answer.json<{ code: string }>().code);
    expect(codes.filter((code) => code === "second_factor_invalid")).toHaveLength(10);
    expect(codes.filter((code) => code === "second_factor_locked")).toHaveLength(54);
    const right = await showFactor(app, { ...wrong, code: authenticator.code() });
    expect(right.statusCode).toBe(429);
    expect(Number(right.headers["retry-after"])).toBeGreaterThan(800);
    expect(Number(right.headers["retry-after"])).toBeLessThanOrEqual(900);
    // The count is the account's: another challenge changes nothing.
    const other = await showFactor(app, {
      login_challenge: await challengeOf(app),
      factor: "totp",
      code: authenticator.code(),
    });
    expect(other.statusCode).toBe(429);
    const recovered = await showFactor(app, {
      login_challenge: challenge,
      factor: "recovery_code",
      code: recoveryCodes[3]?.toLowerCase(),
    });
    expect(recovered.statusCode).toBe(200);
    // Which opened the codes again.
    const open = await showFactor(app, {
      login_challenge: await challengeOf(app),
      factor: "totp",
      code: authenticator.code(),
    });
    expect(open.json()).not.toMatchObject({ code: "second_factor_locked" });
  });

  test("a challenge from /session gives the cookie, to pages of one's own alone", async () => {
    const { app, authenticator } = await start();
    const challenge = await challengeOf(app, "/session");
    const payload = { login_challenge: challenge, factor: "totp", code: authenticator.code() };
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, {}]) {
      const foreign = await showFactor(app, payload, headers);
      expect(foreign.json()).toMatchObject({ code: "cross_site" });
      expect(foreign.headers).not.toHaveProperty("set-cookie");
    }
    const answer = await showFactor(app, payload, { "sec-fetch-site": "same-origin" });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
    const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
    expect((await app.inject({ url: "/me", headers: { cookie } })).statusCode).toBe(200);
  });

  test("a challenge dies with the password, with the account's disabling, after five minutes, and when it is changed", async () => {
    const { app, authenticator } = await start();
    const challenge = await challengeOf(app);
    for (const bad of [
      "",
      "x",
      `${challenge}A`,
      challenge.slice(0, -2),
      `${challenge.startsWith("B") ? "C" : "B"}${challenge.slice(1)}`,
      challenge.toLowerCase(),
    ]) {
      const answer = await showFactor(app, { login_challenge: bad, factor: "totp", code: "000000" });
      expect([400, 401]).toContain(answer.statusCode);
      expect(answer.json<{ code: string }>().code).toMatch(/^(login_challenge_invalid|invalid_request)$/);
    }
    const tokens = (
      await showFactor(app, { login_challenge: challenge, factor: "totp", code: authenticator.code() })
    ).json<Tokens>();
    const early = await challengeOf(app);
    await app.inject({
      method: "PUT",
      url: "/me/password",
      headers: bearer(tokens),
      payload: { current_password: password, new_password: "another violin ledger" },
    });
    const late = await showFactor(app, {
      login_challenge: early,
      factor: "totp",
      code: authenticator.code(),
    });
    expect(late.json()).toMatchObject({ code: "login_challenge_invalid" });
  });
});

test("a challenge is over after five minutes", async () => {
  const app = await startApp();
  await newAccount(app);
  const { authenticator } = await protect(app);
  const challenge = await challengeOf(app);
  vi.useFakeTimers({ now: Date.now() + 300_000, toFake: ["Date"] });
  try {
    const answer = await showFactor(app, {
      login_challenge: challenge,
      factor: "totp",
      code: authenticator.code(),
    });
    expect(answer.json()).toMatchObject({ code: "login_challenge_invalid" });
  } finally {
    vi.useRealTimers();
  }
});

test("sessions in memory open with the factor, and never without", async () => {
  const app = await startApp({ sessionStore: "memory" });
  await newAccount(app);
  const before = await openCookieSession(app);
  const { authenticator } = await protect(app);
  const answer = await showFactor(
    app,
    { login_challenge: await challengeOf(app, "/session"), factor: "totp", code: authenticator.code() },
    { "sec-fetch-site": "same-origin" },
  );
  expect(answer.statusCode).toBe(204);
  // What was open goes on at the level that it had.
  const headers = { cookie: `__Host-session=${before}` };
  expect((await app.inject({ url: "/me", headers })).statusCode).toBe(200);
});

test("who has no second factor logs in as ever", async () => {
  const app = await startApp();
  await newAccount(app);
  expect(claimsOf(await login(app))).toMatchObject({ acr: "aal1", amr: ["pwd"] });
});
