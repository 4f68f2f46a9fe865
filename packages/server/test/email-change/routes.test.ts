// A change of address from the request to the confirmation, and back, through a real mail server.
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
import { databases, secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import type { MailServer } from "../mail/mail-server.ts";
import { addTotp, showFactor } from "../second-factor/factors.ts";

const [ada, lovelace, third] = ["ada@example.com", "lovelace@example.com", "third@example.com"];
const another = "another violin ledger";

type Headers = Record<string, string>;

const ask = (
  app: FastifyInstance,
  url: string,
  payload: object,
  headers: Headers = {},
): Promise<LightMyRequestResponse> => app.inject({ method: "POST", url, payload, headers });

const change = (app: FastifyInstance, headers: Headers, to = lovelace, secret = password) =>
  ask(app, "/me/email", { new_email: to, current_password: secret }, headers);

const verify = (app: FastifyInstance, payload: object, headers: Headers = {}) =>
  ask(app, "/email/verify", payload, headers);

/** Somebody whose address is proved, and the headers of their session. */
async function provedAccount({ app, mailServer }: { app: FastifyInstance; mailServer: MailServer }) {
  await newAccount(app);
  const headers = bearer(await login(app));
  await ask(app, "/email/verification", { email: ada });
  const { token } = secretsIn(await mailServer.takeAbout(ada, "Confirm your address"));
  expect((await verify(app, { token }, headers)).statusCode).toBe(200);
  return headers;
}

async function changeTo(
  { app, mailServer }: { app: FastifyInstance; mailServer: MailServer },
  headers: Headers,
  to = lovelace,
) {
  expect((await change(app, headers, to)).statusCode).toBe(202);
  const { token } = secretsIn(await mailServer.takeAbout(to, "Confirm your new address"));
  expect((await verify(app, { token }, headers)).json()).toEqual({
    email_verified: true,
    password_voided: false,
  });
}

async function undoLink(mailServer: MailServer, address: string): Promise<string> {
  const mail = await mailServer.takeAbout(address, "Your address for");
  const [, token] = /\/undo#token=([\w-]{43})/.exec(mail.text ?? "") ?? [];
  if (token === undefined) throw new TypeError(`there is no link in it: ${mail.text}`);
  return token;
}

const emailOf = async (app: FastifyInstance, headers: Headers): Promise<unknown> =>
  (await app.inject({ url: "/me", headers })).json<{ email: string }>().email;

describe.each(databases)("a change of address on %s", (database) => {
  test("EC-01: counts once the new address was confirmed by who has the account; the old one is told", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    expect((await change(app, headers)).statusCode).toBe(202);
    expect(await emailOf(app, headers)).toBe(ada);
    const { token, code } = secretsIn(await mailServer.takeAbout(lovelace, "Confirm your new address"));
    // What was mailed does not show that the account is its reader's.
    for (const secret of [{ token }, { email: lovelace, code }])
      expect((await verify(app, secret)).json()).toMatchObject({ code: "proof_needed" });
    expect((await verify(app, { token, password: another })).statusCode).toBe(401);
    expect(await emailOf(app, headers)).toBe(ada);
    expect((await verify(app, { email: lovelace, code, password })).statusCode).toBe(200);
    expect(await emailOf(app, headers)).toBe(lovelace);
    expect((await verify(app, { token, password })).json()).toMatchObject({ code: "code_invalid" });
    expect((await mailServer.takeAbout(ada, "Your address for")).text).not.toContain(lovelace);
    expect((await ask(app, "/login", { email: ada, password })).statusCode).toBe(401);
    await login(app, lovelace);
  });

  test("EC-01: wants the password, and tells nobody whether the new address has an account", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    await newAccount(app, "grace");
    expect((await change(app, headers, lovelace, another)).json()).toMatchObject({
      code: "invalid_credentials",
    });
    expect((await change(app, {}, lovelace)).statusCode).toBe(401);
    expect((await change(app, headers, "no address")).json()).toMatchObject({ code: "email_invalid" });
    const [taken, free] = [await change(app, headers, "grace@example.com"), await change(app, headers)];
    expect([taken.statusCode, taken.body]).toEqual([free.statusCode, free.body]);
    const mail = await mailServer.take("grace@example.com");
    expect(mail.subject).toContain("You have an account");
    expect(mail.text).not.toContain("ada");
  });

  test("EC-02: an undo brings the address back, and whoever changed it keeps nothing", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    await changeTo(mailed, headers);
    const thief: Tokens = await login(app, lovelace);
    const cookie = `__Host-session=${await openCookieSession(app, lovelace)}`;
    await addTotp(app, bearer(thief));
    const undo = await undoLink(mailServer, ada);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => ask(app, "/email/undo", { token: undo })),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([
      204,
      ...Array(15).fill(400),
    ]);
    expect(answers.every((answer) => answer.headers["set-cookie"] === undefined)).toBe(true);

    expect((await renew(app, thief.refresh_token)).statusCode).toBe(400);
    const withCookie = { cookie, "sec-fetch-site": "same-origin" };
    expect((await app.inject({ url: "/me", headers: withCookie })).statusCode).toBe(401);
    for (const email of [ada, lovelace])
      expect((await ask(app, "/login", { email, password })).statusCode).toBe(401);
    const { token } = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
    expect((await ask(app, "/password/reset", { token, new_password: another })).statusCode).toBe(200);
    const owner = bearer(await login(app, ada, another));
    expect((await app.inject({ url: "/me", headers: owner })).json()).toMatchObject({
      email: ada,
      email_verified: true,
    });
    expect((await app.inject({ url: "/me/factors", headers: owner })).json()).toMatchObject({
      required: false,
    });
  });

  test("EC-02: an undo undoes later changes, too, and kills their links; an earlier link works on", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    await changeTo(mailed, headers, lovelace);
    await changeTo(mailed, headers, third);
    const [first, second] = [await undoLink(mailServer, ada), await undoLink(mailServer, lovelace)];
    expect((await ask(app, "/email/undo", { token: first })).statusCode).toBe(204);
    expect((await ask(app, "/email/undo", { token: second })).json()).toMatchObject({ code: "code_invalid" });
    // The addresses in between are anybody's again.
    await newAccount(app, "lovelace");
    await newAccount(app, "third");
  });

  test("EC-03: the earlier address is kept for its owner: nobody signs up with it, or changes to it", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    await changeTo(mailed, headers);
    const signup = await ask(app, "/signup", { email: ada, password });
    expect(signup.json()).toMatchObject({ code: "email_taken" });
    await newAccount(app, "eve");
    const eve = bearer(await login(app, "eve@example.com"));
    expect((await change(app, eve, ada)).statusCode).toBe(202);
    const { token } = secretsIn(await mailServer.takeAbout(ada, "Confirm your new address"));
    expect((await verify(app, { token }, eve)).json()).toMatchObject({ code: "email_taken" });
    // Its owner may go back to it as to any other.
    await changeTo(mailed, headers, ada);
    expect(await emailOf(app, headers)).toBe(ada);
  });

  test("EC-03: an address that was never proved is told, and has neither link nor reservation", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    await newAccount(app);
    await changeTo(mailed, bearer(await login(app)));
    const mail = await mailServer.takeAbout(ada, "Your address for");
    expect(mail.text).not.toContain("#token=");
    await newAccount(app);
  });

  test("EC-01: a new password voids a change that waits to be confirmed", async () => {
    const mailed = await startMailedApp(database);
    const { app, mailServer } = mailed;
    const headers = await provedAccount(mailed);
    await change(app, headers);
    const { token } = secretsIn(await mailServer.takeAbout(lovelace, "Confirm your new address"));
    await app.inject({
      method: "PUT",
      url: "/me/password",
      headers,
      payload: { current_password: password, new_password: another },
    });
    const late = await verify(app, { token, password: another });
    expect(late.json()).toMatchObject({ code: "code_invalid" });
    await login(app, ada, another);
  });
});

test("RC-09: factors older than a change stay when it is undone, and are asked for", async () => {
  const mailed = await startMailedApp();
  const { app, mailServer } = mailed;
  const before = await provedAccount(mailed);
  const { authenticator } = await addTotp(app, before);
  expect((await change(app, before)).json()).toMatchObject({ code: "factor_missing" });
  const enter = async (email: string, secret: string) => {
    const half = (await ask(app, "/login", { email, password: secret })).json<{ login_challenge: string }>();
    const shown = { login_challenge: half.login_challenge, factor: "totp", code: authenticator.code() };
    return (await showFactor(app, shown)).json<Tokens>();
  };
  const headers = bearer(await enter(ada, password));
  await changeTo(mailed, headers);
  const undo = await undoLink(mailServer, ada);
  expect((await ask(app, "/email/undo", { token: undo })).statusCode).toBe(204);
  const { token } = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
  expect((await ask(app, "/password/reset", { token, new_password: another })).statusCode).toBe(200);
  const half = await ask(app, "/login", { email: ada, password: another });
  expect(half.json()).toMatchObject({ code: "second_factor_required", factors: ["totp", "recovery_code"] });
});

test("a server that sends no mail says so", async () => {
  const app = await startApp();
  await newAccount(app);
  expect((await change(app, bearer(await login(app)))).json()).toMatchObject({ code: "mail_off" });
  expect((await ask(app, "/email/undo", { token: "x" })).json()).toMatchObject({ code: "code_invalid" });
});
