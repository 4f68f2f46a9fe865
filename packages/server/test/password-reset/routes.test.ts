// A forgotten password from the request to the next login, through a real mail server.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { describe, expect, test } from "vitest";
import { bearer, login, newAccount, openCookieSession, password, renew, startApp } from "../app.ts";
import { databases, type MailedSecrets, secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import type { MailServer } from "../mail/mail-server.ts";
import { protect } from "../second-factor/factors.ts";

const ada = "ada@example.com";
const newPassword = "another violin ledger";

type Answer = Promise<LightMyRequestResponse>;

const ask = (app: FastifyInstance, url: string, payload: object, headers = {}): Answer =>
  app.inject({ method: "POST", url, payload, headers });

const forget = (app: FastifyInstance, email: string, headers = {}): Answer =>
  ask(app, "/password/forgotten", { email }, headers);

const reset = (app: FastifyInstance, secret: object, secretPassword = newPassword): Answer =>
  ask(app, "/password/reset", { ...secret, new_password: secretPassword });

const tryLogin = (app: FastifyInstance, secret: string, more = {}): Answer =>
  ask(app, "/login", { email: ada, password: secret, ...more });

async function mailedTo(app: FastifyInstance, mailServer: MailServer, email = ada): Promise<MailedSecrets> {
  expect((await forget(app, email)).statusCode).toBe(202);
  return secretsIn(await mailServer.takeAbout(email, "Choose a new password"));
}

/** The same again with another last character. */
const altered = (token: string): string => token.replace(/^./, (first) => (first === "A" ? "B" : "A"));

describe.each(databases)("a forgotten password on %s", (database) => {
  test("RC-01: the link of a mail sets a new password; all sessions end, and nobody is logged in", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const tokens = await login(app);
    const cookie = `__Host-session=${await openCookieSession(app)}`;
    const { token } = await mailedTo(app, mailServer);

    const answer = await reset(app, { token });
    expect(answer.statusCode).toBe(200);
    expect(Object.keys(answer.json<object>())).toEqual(["device_token"]);
    expect(answer.headers).not.toHaveProperty("set-cookie");

    expect((await app.inject({ url: "/me", headers: bearer(tokens) })).statusCode).toBe(401);
    expect((await renew(app, tokens.refresh_token)).statusCode).toBe(400);
    const withCookie = { cookie, "sec-fetch-site": "same-origin" };
    expect((await app.inject({ url: "/me", headers: withCookie })).statusCode).toBe(401);
    expect((await tryLogin(app, password)).statusCode).toBe(401);
    const me = await app.inject({ url: "/me", headers: bearer(await login(app, ada, newPassword)) });
    expect(me.json()).toMatchObject({ email: ada, email_verified: true });
    await mailServer.takeAbout(ada, "Your password for api.example.com was changed");
    expect((await reset(app, { token })).json()).toMatchObject({ code: "code_invalid" });
  });

  test("RC-01: its code does the same with the address, in any writing of both", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const { token, code } = await mailedTo(app, mailServer);
    const typed = code.toLowerCase().replace("-", " ");
    expect((await reset(app, { email: "ADA@Example.com", code: typed })).statusCode).toBe(200);
    expect((await reset(app, { token }, "a third violin ledger")).statusCode).toBe(400);
    await login(app, ada, newPassword);
  });

  test("RC-05: a new password that is refused consumes neither the link nor a try of the code", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const { token, code } = await mailedTo(app, mailServer);
    for (let attempt = 0; attempt < 12; attempt += 1)
      expect((await reset(app, { email: ada, code }, "password")).json()).toMatchObject({
        code: expect.stringMatching(/^password_/) as string,
      });
    expect((await reset(app, { token }, ada)).statusCode).toBe(400);
    expect((await tryLogin(app, password)).statusCode).toBe(200);
    expect((await reset(app, { email: ada, code })).statusCode).toBe(200);
  });

  test("RC-02: ten wrong tries kill the code, and never the link of the same mail", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const { token, code } = await mailedTo(app, mailServer);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => reset(app, { email: ada, code: "0000-0000" })),
    );
    for (const answer of answers) expect(answer.json()).toMatchObject({ code: "code_invalid" });
    expect((await reset(app, { email: ada, code })).json()).toMatchObject({ code: "code_invalid" });
    expect((await reset(app, { token })).statusCode).toBe(200);
  });

  test("RC-03: a new request leaves an older link as it is, and the use of one kills all", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const first = await mailedTo(app, mailServer);
    const second = await mailedTo(app, mailServer);
    expect((await reset(app, { token: first.token })).statusCode).toBe(200);
    expect((await reset(app, { token: second.token })).statusCode).toBe(400);
    expect((await reset(app, { email: ada, code: second.code })).statusCode).toBe(400);
  });

  test("RC-06: who never showed that the address is theirs keeps neither password, factor nor session", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    const before = await login(app);
    const { recoveryCodes } = await protect(app);
    const { token } = await mailedTo(app, mailServer);
    expect((await reset(app, { token })).statusCode).toBe(200);
    const headers = bearer(await login(app, ada, newPassword));
    expect((await app.inject({ url: "/me/factors", headers })).json()).toEqual({
      required: false,
      totp: false,
      passkeys: 0,
      recovery_codes: 0,
    });
    expect(recoveryCodes).toHaveLength(10);
    expect((await renew(app, before.refresh_token)).statusCode).toBe(400);
  });

  test("RC-05: the device token of the answer lets its owner in during a flood, and a reset opens what it closed", async () => {
    const { app, mailServer } = await startMailedApp(database, { guessesPerAccount: 1 });
    await newAccount(app);
    expect((await tryLogin(app, "wrong violin ledger")).statusCode).toBe(401);
    expect((await tryLogin(app, password)).statusCode).toBe(429);
    const { token } = await mailedTo(app, mailServer);
    const { device_token } = (await reset(app, { token })).json<{ device_token: string }>();
    expect((await tryLogin(app, "wrong violin ledger")).statusCode).toBe(401);
    expect((await tryLogin(app, newPassword)).statusCode).toBe(429);
    expect((await tryLogin(app, newPassword, { device_token })).statusCode).toBe(200);
  });

  test("ML-05: an address is sent three mails an hour, and its fourth request is answered alike", async () => {
    const { app, mailServer } = await startMailedApp(database);
    await newAccount(app);
    for (let count = 0; count < 3; count += 1) await mailedTo(app, mailServer);
    expect((await forget(app, ada)).statusCode).toBe(202);
    // The worker takes the oldest first.
    await newAccount(app, "grace");
    await mailedTo(app, mailServer, "grace@example.com");
    expect(mailServer.mails.filter(({ recipients }) => recipients.includes(ada))).toHaveLength(3);
  });
});

test("RC-04: a request for an unknown address is answered like one for a known one, and sends nothing", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  const [known, unknown] = [await forget(app, ada), await forget(app, "nobody@example.com")];
  const seen = ({ statusCode, body, headers }: LightMyRequestResponse) => {
    const { date: _date, "x-request-id": _id, ...rest } = headers;
    return { statusCode, body, headers: rest };
  };
  expect(seen(unknown)).toEqual(seen(known));
  expect(known.json()).toEqual({ status: "accepted" });
  await mailServer.take(ada);
  await newAccount(app, "grace");
  await mailedTo(app, mailServer, "grace@example.com");
  expect(mailServer.mails.map(({ recipients }) => recipients[0])).toEqual([ada, "grace@example.com"]);
});

test("RC-04: a wrong code, an unknown address, no address, a wrong link and a used one get one answer", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  const { token } = await mailedTo(app, mailServer);
  const seen = async (secret: object) => {
    const { statusCode, body } = await reset(app, secret);
    return { statusCode, problem: { ...(JSON.parse(body) as object), request_id: "" } };
  };
  const expected = await seen({ email: ada, code: "0000-0000" });
  expect(expected.statusCode).toBe(400);
  for (const secret of [
    { email: ada, code: "not a code" },
    { email: "nobody@example.com", code: "0000-0000" },
    { email: "no address", code: "0000-0000" },
    { token: altered(token) },
    { token: "short" },
  ])
    expect(await seen(secret), JSON.stringify(secret)).toEqual(expected);
  expect((await reset(app, { token })).statusCode).toBe(200);
  expect(await seen({ token })).toEqual(expected);
});

test("RC-04: wrong codes are counted at their source, whatever they are for", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { guessesPerSource: 5 });
  await newAccount(app);
  const { token } = await mailedTo(app, mailServer);
  for (let count = 0; count < 5; count += 1)
    expect((await reset(app, { email: `nobody${count}@example.com`, code: "0000-0000" })).statusCode).toBe(
      400,
    );
  const refused = await reset(app, { email: ada, code: "0000-0000" });
  expect(refused.statusCode).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  const elsewhere = await app.inject({
    method: "POST",
    url: "/password/reset",
    payload: { token, new_password: newPassword },
    remoteAddress: "192.0.2.7",
  });
  expect(elsewhere.statusCode).toBe(200);
});

test("ML-10: requests for mail are counted at their source", async () => {
  const { app } = await startMailedApp("SQLite", { signupsPerSource: 3 });
  expect((await forget(app, "no address")).json()).toMatchObject({ code: "email_invalid" });
  for (let count = 0; count < 3; count += 1)
    expect((await forget(app, `nobody${count}@example.com`)).statusCode).toBe(202);
  expect((await forget(app, ada)).statusCode).toBe(429);
});

test("ML-09: a link leads where the settings say, whatever Host and its friends say", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  await forget(app, ada, {
    host: "evil.example",
    "x-forwarded-host": "evil.example",
    forwarded: "host=evil.example",
    origin: "https://evil.example",
    referer: "https://evil.example/",
  });
  const mail = await mailServer.take(ada);
  expect(mail.text).toMatch(/https:\/\/api\.example\.com\/console\/reset#token=[\w-]{43}/);
  expect(`${mail.text}${String(mail.html)}`).not.toContain("evil");
});

test("ML-10: whoever asks chooses nothing that stands in the mail, not even its language", async () => {
  const { app, mailServer } = await startMailedApp();
  await ask(
    app,
    "/signup",
    { email: ada, password, name: "Visit evil.example" },
    { "accept-language": "de" },
  );
  await forget(app, ada, { "accept-language": "en", "user-agent": "evil.example" });
  const mail = await mailServer.take(ada);
  expect(mail.subject).toContain("Neues Passwort");
  expect(`${mail.subject}${mail.text}${String(mail.html)}`).not.toMatch(/evil|Visit/);
});

test.each([
  ["neither", {}],
  ["a link and a code", { token: "t", email: ada, code: "c" }],
  ["a code without its address", { code: "0000-0000" }],
  ["an object for a link", { token: { toString: "x" } }],
  ["a list for a code", { email: ada, code: ["0000-0000"] }],
  ["a link of a megabyte", { token: "A".repeat(1 << 14) }],
])("a body with %s is refused before anything is looked up", async (_name, secret) => {
  const { app } = await startMailedApp();
  const answer = await reset(app, secret);
  expect([400, 413]).toContain(answer.statusCode);
  expect(answer.json<{ code: string }>().code).toMatch(/^(invalid_request|body_too_large)$/);
});

test("a server that sends no mail says so", async () => {
  const app = await startApp();
  const answer = await forget(app, ada);
  expect(answer.statusCode).toBe(501);
  expect(answer.json()).toMatchObject({ code: "mail_off" });
  expect((await reset(app, { token: "x" })).json()).toMatchObject({ code: "code_invalid" });
});

test("RC-01: a link is used by POST alone: what opens every link of a mail changes nothing", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  const { token } = await mailedTo(app, mailServer);
  for (const method of ["GET", "HEAD", "PUT", "DELETE"] as const)
    expect((await app.inject({ method, url: `/password/reset?token=${token}` })).statusCode).toBe(405);
  expect((await reset(app, { token })).statusCode).toBe(200);
});

test("TH-04: a page of one's own gets the device cookie with the new password, and gets in while others guess", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { guessesPerAccount: 1 });
  await newAccount(app);
  const own = { "sec-fetch-site": "same-origin" };
  const { token } = await mailedTo(app, mailServer);
  const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  for (const headers of [{}, foreign]) {
    const refused = await ask(app, "/password/reset", { token, new_password: "short" }, headers);
    expect(refused.statusCode).toBe(400);
    expect(refused.headers).not.toHaveProperty("set-cookie");
  }
  const set = await ask(app, "/password/reset", { token, new_password: newPassword }, own);
  const [, cookie = ""] =
    /^(__Host-devices=[^;]+); Path=\/; HttpOnly; Secure; SameSite=Lax/.exec(
      String(set.headers["set-cookie"]),
    ) ?? [];
  expect(cookie).toBe(`__Host-devices=${set.json<{ device_token: string }>().device_token}`);
  await tryLogin(app, password);
  expect((await tryLogin(app, newPassword)).statusCode).toBe(429);
  const entered = await ask(app, "/session", { email: ada, password: newPassword }, { ...own, cookie });
  expect(entered.statusCode).toBe(204);
});

test("WB-03: a new password that a page of another site sends is set, as what was mailed is shown, and sets no cookie", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  const { token } = await mailedTo(app, mailServer);
  const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  const set = await ask(app, "/password/reset", { token, new_password: newPassword }, headers);
  expect(set.statusCode).toBe(200);
  expect(set.headers).not.toHaveProperty("set-cookie");
});
