// Every route of the server, and what it gives to somebody who has a password and no second factor.
import { expect, test } from "vitest";
import {
  bearer,
  login,
  newAccount,
  newApp,
  openCookieSession,
  password,
  renew,
  type Tokens,
} from "../app.ts";
import { addTotp, challengeOf, protect, showFactor } from "./factors.ts";
import { onTestFinished } from "vitest";
import { secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import type { FastifyInstance } from "fastify";

/** An app that says which routes it has. */
async function startListedApp(): Promise<{ app: FastifyInstance; routes: ReadonlySet<string> }> {
  const app = newApp({ docs: true });
  const routes = new Set<string>();
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat())
      if (each !== "HEAD" && each !== "OPTIONS") routes.add(`${each} ${url}`);
  });
  onTestFinished(() => app.close());
  await app.ready();
  return { app, routes };
}

function claims(tokens: Tokens): { readonly acr: string; readonly amr: readonly string[] } {
  return JSON.parse(
    Buffer.from(tokens.access_token.split(".")[1] ?? "", "base64url").toString(),
  ) as ReturnType<typeof claims>;
}

/** What answers with a session or a token, and how it is asked with the password alone. */
const givesLogins: Readonly<Record<string, object>> = {
  "POST /login": { email: "ada@example.com", password },
  "POST /session": { email: "ada@example.com", password },
  "POST /login/passkey": { response: { id: "AAAA" } },
  "POST /login/factor": { login_challenge: "CHALLENGE", factor: "totp", code: "000000" },
};

/** What gives one only to who has a session already, at the level of that session. */
const keepsLevel = new Set(["PUT /me/password", "POST /token"]);

/** What raises it, and for what is shown alone. */
const raisesLevel = "POST /login/step-up";

/** What gives none. */
const givesNone =
  /^((GET|DELETE) .*|PATCH \/me|POST \/(signup|logout|revoke|introspect|password\/(forgotten|reset)|email\/(verification|verify|undo)|login\/disown)|PATCH \/me\/passkeys\/:id|POST \/login\/passkey\/options|POST \/me\/(email|totp|totp\/confirm|recovery-codes|passkeys|passkeys\/options))$/;

test("RC-09: no route gives a login for a password alone, and each route is known to this test", async () => {
  const { app, routes } = await startListedApp();
  await newAccount(app);
  const [before, other] = [await login(app), await login(app)];
  const cookieBefore = await openCookieSession(app);
  const { authenticator } = await protect(app);

  for (const route of routes) {
    if (keepsLevel.has(route) || route === raisesLevel || givesNone.test(route)) continue;
    const [method, url] = route.split(" ") as ["POST", string];
    const payload = givesLogins[route] ?? (url.startsWith("/admin/") ? {} : undefined);
    expect(payload, `is ${route} a way to log in? Name it in this test`).toBeDefined();
    for (const carrier of ["/login", "/session"] as const) {
      const challenge = await challengeOf(app, carrier);
      const text = JSON.stringify(payload)
        .replace("CHALLENGE", challenge)
        .replace("000000", authenticator.wrongCode());
      const answer = await app.inject({
        method,
        url,
        payload: text,
        headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      });
      expect(answer.statusCode, route).toBe(401);
      expect(answer.body).not.toContain("access_token");
      expect(answer.headers).not.toHaveProperty("set-cookie");
    }
  }

  // Whoever is logged in and shows the password once more has shown no second factor: renewed, they have none.
  expect(routes).toContain(raisesLevel);
  const ask = (payload: object, headers = {}) =>
    app.inject({ method: "POST", url: "/login/step-up", payload, headers });
  const again = { factor: "password", password };
  expect((await ask(again)).statusCode).toBe(401);
  const shownAgain = (await ask(again, bearer(before))).json<Tokens>();
  const presented = (await renew(app, shownAgain.refresh_token)).json<Tokens>();
  for (const tokens of [shownAgain, presented])
    expect(claims(tokens)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
  for (const factor of ["totp", "recovery_code"]) {
    const answer = await ask({ factor, code: authenticator.wrongCode() }, bearer(presented));
    expect(answer.statusCode).toBe(403);
    expect(answer.body).not.toContain("access_token");
  }

  // What was open before goes on, at the level that it had: renewed, with a new password, by cookie.
  const renewed = (await renew(app, other.refresh_token)).json<Tokens>();
  expect(claims(renewed).acr).toBe("aal1");
  const changed = await app.inject({
    method: "PUT",
    url: "/me/password",
    headers: bearer(renewed),
    payload: { current_password: password, new_password: "another violin ledger" },
  });
  expect(claims(changed.json<Tokens>()).acr).toBe("aal1");
  const cookie = { cookie: `__Host-session=${cookieBefore}`, "sec-fetch-site": "same-origin" };
  expect((await app.inject({ url: "/me", headers: cookie })).statusCode).toBe(401);
});

test("RC-09: a session from before the factor cannot remove it with the password alone", async () => {
  const { app } = await startMailedApp();
  await newAccount(app);
  const headers = bearer(await login(app));
  await protect(app);
  const attempts = [
    ["DELETE", "/me/totp"],
    ["POST", "/me/totp"],
    ["POST", "/me/recovery-codes"],
    ["POST", "/me/email"],
  ] as const;
  for (const [method, url] of attempts) {
    const payload = {
      current_password: password,
      ...(url === "/me/email" ? { new_email: "eve@example.com" } : {}),
    };
    const answer = await app.inject({ method, url, headers, payload });
    expect(answer.statusCode, url).toBe(401);
    expect(answer.json()).toMatchObject({ code: "factor_missing" });
    expect(answer.headers["www-authenticate"]).toBe(
      'Bearer error="insufficient_user_authentication", acr_values="aal2"',
    );
  }
});

test("RC-09: who logged in with the factor removes it, and the password is enough again", async () => {
  const { app } = await startListedApp();
  await newAccount(app);
  const { recoveryCodes } = await protect(app);
  const answer = await showFactor(app, {
    login_challenge: await challengeOf(app),
    factor: "recovery_code",
    code: recoveryCodes[0],
  });
  const headers = bearer(answer.json<Tokens>());
  const renewed = await app.inject({ method: "POST", url: "/me/recovery-codes", headers });
  expect(renewed.json<{ recovery_codes: string[] }>().recovery_codes).toHaveLength(10);
  const removed = await app.inject({
    method: "DELETE",
    url: "/me/totp",
    headers,
    payload: { current_password: password },
  });
  expect(removed.statusCode).toBe(204);
  expect((await app.inject({ url: "/me/factors", headers })).json()).toEqual({
    required: false,
    totp: false,
    passkeys: 0,
    recovery_codes: 0,
  });
  await login(app);
});

test("RC-09: what is mailed for a new password gives no login, and leaves the factor of a proved address", async () => {
  const { app, mailServer } = await startMailedApp();
  const email = await newAccount(app);
  const post = (url: string, payload: object) => app.inject({ method: "POST", url, payload });
  const reset = async (secret: string) => {
    await post("/password/forgotten", { email });
    const mail = await mailServer.takeAbout(email, "Choose a new password");
    return post("/password/reset", { token: secretsIn(mail).token, new_password: secret });
  };
  // The first one shows that the address is its reader's.
  expect((await reset("another violin ledger")).statusCode).toBe(200);
  const { authenticator } = await addTotp(
    app,
    bearer(await login(app, email, "another violin ledger")),
    "another violin ledger",
  );
  const half = await post("/login", { email, password: "another violin ledger" });
  const { login_challenge: halfDone } = half.json<{ login_challenge: string }>();

  const answer = await reset(password);
  expect(answer.statusCode).toBe(200);
  expect(Object.keys(answer.json<object>())).toEqual(["device_token"]);
  expect(answer.headers).not.toHaveProperty("set-cookie");
  const code = authenticator.code();
  // What was half done before is over, and a device that is known is asked like any other.
  expect((await showFactor(app, { login_challenge: halfDone, factor: "totp", code })).statusCode).toBe(401);
  for (const device of [{}, answer.json<object>()]) {
    const again = await post("/login", { email, password, ...device });
    expect(again.statusCode).toBe(401);
    expect(again.json()).toMatchObject({ code: "second_factor_required" });
  }
  const challenge = await challengeOf(app);
  expect((await showFactor(app, { login_challenge: challenge, factor: "totp", code })).statusCode).toBe(200);
});

test("RC-09: an address that is confirmed with the password gives no login, and leaves the factor", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { emailVerification: "later" });
  const email = await newAccount(app);
  await protect(app);
  const { token } = secretsIn(await mailServer.takeAbout(email, "Confirm your address"));
  const answer = await app.inject({ method: "POST", url: "/email/verify", payload: { token, password } });
  expect(answer.json()).toEqual({ email_verified: true, password_voided: false });
  expect(answer.headers).not.toHaveProperty("set-cookie");
  await challengeOf(app);
});
