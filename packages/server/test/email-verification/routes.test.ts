// Confirming an address from sign-up to login, through a real mail server.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { describe, expect, test } from "vitest";
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
import { databases, type MailedSecrets, secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import type { MailServer } from "../mail/mail-server.ts";
import { protect } from "../second-factor/factors.ts";

const ada = "ada@example.com";
const subject = "Confirm your address";

const ask = (
  app: FastifyInstance,
  url: string,
  payload: object,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> => app.inject({ method: "POST", url, payload, headers });

const verify = (app: FastifyInstance, payload: object, headers: Record<string, string> = {}) =>
  ask(app, "/email/verify", payload, headers);

const mailed = async (mailServer: MailServer, email = ada): Promise<MailedSecrets> =>
  secretsIn(await mailServer.takeAbout(email, subject));

const confirmed = { email_verified: true, password_voided: false };

async function isVerified(app: FastifyInstance, headers: { authorization: string }): Promise<boolean> {
  return (await app.inject({ url: "/me", headers })).json<{ email_verified: boolean }>().email_verified;
}

/** Where sign-up and login tell what they find. */
const beforeLogin = { emailVerification: "before-login", signupPrivacy: false } as const;

describe.each(databases)("confirming an address on %s", (database) => {
  test("EV-01: before-login lets nobody in until the mail of the sign-up was shown with the password", async () => {
    const { app, mailServer } = await startMailedApp(database, beforeLogin);
    await newAccount(app);
    for (const [url, headers] of [
      ["/login", {}],
      ["/session", { "sec-fetch-site": "same-origin" }],
    ] as const) {
      const refused = await ask(app, url, { email: ada, password }, headers);
      expect(refused.statusCode).toBe(403);
      expect(refused.json()).toMatchObject({ code: "email_unverified" });
      expect(refused.headers).not.toHaveProperty("set-cookie");
      expect((await ask(app, url, { email: ada, password: "wrong violin ledger" }, headers)).statusCode).toBe(
        401,
      );
    }
    const { token } = await mailed(mailServer);
    const answer = await verify(app, { token, password });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(confirmed);
    expect(await isVerified(app, bearer(await login(app)))).toBe(true);
    expect((await verify(app, { token, password })).json()).toMatchObject({ code: "code_invalid" });
  });

  test("EV-01: later lets people in, and their session confirms the address, with a token as with a cookie", async () => {
    const { app, mailServer } = await startMailedApp(database, { emailVerification: "later" });
    await newAccount(app);
    const headers = bearer(await login(app));
    expect(await isVerified(app, headers)).toBe(false);
    const { code } = await mailed(mailServer);
    expect((await verify(app, { email: ada, code }, headers)).json()).toEqual(confirmed);
    expect(await isVerified(app, headers)).toBe(true);

    await newAccount(app, "grace");
    const cookie = `__Host-session=${await openCookieSession(app, "grace@example.com")}`;
    const { token } = await mailed(mailServer, "grace@example.com");
    const foreign = { cookie, origin: "https://evil.example" };
    expect((await verify(app, { token }, foreign)).json()).toMatchObject({ code: "cross_site" });
    const own = { cookie, "sec-fetch-site": "same-origin" };
    expect((await verify(app, { token }, own)).json()).toEqual(confirmed);
  });

  test("EV-02: a device token of the account counts as proof, and one of another account does not", async () => {
    const { app, mailServer } = await startMailedApp(database, { emailVerification: "later" });
    await newAccount(app);
    const { device_token } = await login(app);
    expect((await verify(app, { token: (await mailed(mailServer)).token, device_token })).json()).toEqual(
      confirmed,
    );
    await login(app);
    await newAccount(app, "grace");
    const { token } = await mailed(mailServer, "grace@example.com");
    expect((await verify(app, { token, device_token })).json()).toEqual({
      ...confirmed,
      password_voided: true,
    });
  });

  test("EV-02: without a proof of the account, what its maker had opens it no more, and a mail leads to a password", async () => {
    const { app, mailServer } = await startMailedApp(database, { emailVerification: "later" });
    await newAccount(app);
    const stranger = await login(app);
    await protect(app);
    const { token } = await mailed(mailServer);
    // Somebody else's session shows nothing of this account.
    await newAccount(app, "eve");
    const eve = bearer(await login(app, "eve@example.com"));
    const answer = await verify(app, { token }, eve);
    expect(answer.json()).toEqual({ email_verified: true, password_voided: true });
    expect((await app.inject({ url: "/me", headers: bearer(stranger) })).statusCode).toBe(401);
    expect((await renew(app, stranger.refresh_token)).statusCode).toBe(400);
    const { device_token } = stranger;
    for (const secret of [password, ""])
      expect([400, 401]).toContain(
        (await ask(app, "/login", { email: ada, password: secret, device_token })).statusCode,
      );
    const mail = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
    const reset = { token: mail.token, new_password: "another violin ledger" };
    expect((await ask(app, "/password/reset", reset)).statusCode).toBe(200);
    const owner = bearer(await login(app, ada, "another violin ledger"));
    expect((await app.inject({ url: "/me/factors", headers: owner })).json()).toMatchObject({
      required: false,
    });
  });

  test("EV-03: a wrong password is refused, and consumes neither the link nor a try of the code", async () => {
    const { app, mailServer } = await startMailedApp(database, {
      ...beforeLogin,
      guessesPerAccount: 50,
    });
    await newAccount(app);
    const { token, code } = await mailed(mailServer);
    for (let count = 0; count < 11; count += 1) {
      const wrong = await verify(app, { email: ada, code, password: "wrong violin ledger" });
      expect(wrong.json()).toMatchObject({ code: "invalid_credentials" });
    }
    expect((await verify(app, { token, password: "wrong violin ledger" })).statusCode).toBe(401);
    expect((await verify(app, { email: ada, code, password })).json()).toEqual(confirmed);
  });

  test("EV-03: the mail is sent again for whoever asks, alike for every address, and the first one works on", async () => {
    const { app, mailServer } = await startMailedApp(database, beforeLogin);
    await newAccount(app);
    const first = await mailed(mailServer);
    const bodies = [];
    for (const email of [ada, "nobody@example.com"]) {
      const { statusCode, body } = await ask(app, "/email/verification", { email });
      bodies.push({ statusCode, body });
    }
    expect(bodies[0]).toEqual({ statusCode: 202, body: '{"status":"accepted"}' });
    expect(bodies[1]).toEqual(bodies[0]);
    const second = await mailed(mailServer);
    expect((await verify(app, { token: first.token, password })).json()).toEqual(confirmed);
    expect((await verify(app, { token: second.token, password })).json()).toMatchObject({
      code: "code_invalid",
    });
    // Nobody is asked to confirm what is confirmed.
    await ask(app, "/email/verification", { email: ada });
    await newAccount(app, "grace");
    await mailed(mailServer, "grace@example.com");
    expect(mailServer.mails.filter(({ recipients }) => recipients.includes(ada))).toHaveLength(2);
  });
});

test("EV-03: of 16 at once with one link one confirms, and none of the others voids anything", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { emailVerification: "later" });
  await newAccount(app);
  const headers = bearer(await login(app));
  const { token } = await mailed(mailServer);
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) => verify(app, { token }, index % 2 === 0 ? headers : {})),
  );
  const verified = answers.filter(({ statusCode }) => statusCode === 200);
  expect(verified).toHaveLength(1);
  const [{ password_voided: isVoided } = { password_voided: false }] = verified.map((answer) =>
    answer.json<{ password_voided: boolean }>(),
  );
  expect((await ask(app, "/login", { email: ada, password })).statusCode).toBe(isVoided ? 401 : 200);
});

test("EV-02: a session that is over shows nothing, and leaves the link as it is", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { emailVerification: "later" });
  await newAccount(app);
  const tokens = await login(app);
  const { token } = await mailed(mailServer);
  await ask(app, "/logout", {}, bearer(tokens));
  expect((await verify(app, { token }, bearer(tokens))).statusCode).toBe(401);
  expect((await verify(app, { token, password })).json()).toEqual(confirmed);
});

test("EV-01: off sends nothing by itself, and an address can be confirmed all the same", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  const tokens: Tokens = await login(app);
  await ask(app, "/email/verification", { email: ada });
  expect((await verify(app, { token: (await mailed(mailServer)).token }, bearer(tokens))).json()).toEqual(
    confirmed,
  );
  expect(mailServer.mails).toHaveLength(1);
});

test("RC-01: what was mailed for a password confirms no address, and the other way round", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { emailVerification: "later" });
  await newAccount(app);
  const { token } = await mailed(mailServer);
  await ask(app, "/password/forgotten", { email: ada });
  const reset = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
  expect((await verify(app, { token: reset.token, password })).json()).toMatchObject({
    code: "code_invalid",
  });
  const body = { token, new_password: "another violin ledger" };
  expect((await ask(app, "/password/reset", body)).json()).toMatchObject({ code: "code_invalid" });
  expect((await verify(app, { token, password })).json()).toEqual(confirmed);
});

test("a server that sends no mail says so", async () => {
  const app = await startApp();
  expect((await ask(app, "/email/verification", { email: ada })).json()).toMatchObject({ code: "mail_off" });
  expect((await verify(app, { token: "x" })).json()).toMatchObject({ code: "code_invalid" });
});
