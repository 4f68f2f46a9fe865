// A login on a new device: who is told of it, and what "this was not me" ends, through a real mail server.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { bearer, login, newAccount, openCookieSession, password, renew, type Tokens } from "../app.ts";
import { databases, type MailedApp, secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import type { MailServer, ReceivedMail } from "../mail/mail-server.ts";
import { addPasskey, logInWithPasskey, requestOptions, sendLogin } from "../passkeys/passkeys.ts";
import { protect, challengeOf, showFactor } from "../second-factor/factors.ts";

const ada = "ada@example.com";
const another = "another violin ledger";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const ask = (
  app: FastifyInstance,
  url: string,
  payload: object,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> => app.inject({ method: "POST", url, payload, headers });

function tokenIn(mail: ReceivedMail): string {
  const [, token] = /\/console\/not-me#token=([\w-]{43})\s/.exec(mail.text ?? "") ?? [];
  if (token === undefined) throw new TypeError(`there is no link in it: ${mail.text}`);
  return token;
}

const told = (mailServer: MailServer): Promise<ReceivedMail> => mailServer.takeAbout(ada, "New login");

/** Somebody who has logged in once, of which nobody is told, and whose address is proved. */
async function owner(app: FastifyInstance): Promise<Tokens> {
  await newAccount(app);
  const tokens = await login(app);
  await sql`update users set email_verified_at = 1`.execute(app.auth.database);
  return tokens;
}

/** Of all mail, once everything that waits has been sent. */
async function subjectsOf({ app, mailServer }: MailedApp): Promise<(string | undefined)[]> {
  await expect
    .poll(async () => (await sql`select id from outbox`.execute(app.auth.database)).rows, { timeout: 20_000 })
    .toEqual([]);
  return mailServer.mails.map(({ subject }) => subject);
}

const isAlive = async (app: FastifyInstance, tokens: Tokens): Promise<boolean> =>
  (await renew(app, tokens.refresh_token)).statusCode === 200;

describe.each(databases)("a login on a new device on %s", (database) => {
  test("ND-01: is told to the owner, and the link ends its session alone and forgets every device", async () => {
    const { app, mailServer } = await startMailedApp(database);
    const own = await owner(app);
    const stranger = await ask(app, "/login", { email: ada, password }, { "user-agent": firefox });
    const mail = await told(mailServer);
    expect(mail.text).toContain("Firefox on Linux, 127.0.0.1");
    const token = tokenIn(mail);
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask(app, "/login/disown", { token })));
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([
      204,
      ...Array(15).fill(400),
    ]);
    expect(answers.find(({ statusCode }) => statusCode === 400)?.json()).toMatchObject({
      code: "code_invalid",
    });
    expect(await isAlive(app, stranger.json())).toBe(false);
    expect(await isAlive(app, own)).toBe(true);
    // What the stranger's login has made known is known no more, and neither is anything else.
    for (const { device_token: deviceToken } of [stranger.json<Tokens>(), own]) {
      await ask(app, "/login", { email: ada, password, device_token: deviceToken });
      await told(mailServer);
    }
    const { token: reset } = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
    expect((await ask(app, "/password/reset", { token: reset, new_password: another })).statusCode).toBe(200);
    const { rows } = await sql<{
      detail: string;
    }>`select detail from audit where event = 'login_disowned'`.execute(app.auth.database);
    expect(rows.map(({ detail }) => JSON.parse(detail) as unknown)).toEqual([{ endedSessions: 1 }]);
  });

  test("ND-02: is the first one after a sign-up once, however many come at once", async () => {
    const mailed = await startMailedApp(database, { guessesPerSource: 1000, guessesPerAccount: 1000 });
    const { app } = mailed;
    await newAccount(app);
    await sql`update users set email_verified_at = 1`.execute(app.auth.database);
    await Promise.all(Array.from({ length: 8 }, () => login(app)));
    const subjects = await subjectsOf(mailed);
    expect(subjects.filter((subject) => subject?.startsWith("New login"))).toHaveLength(7);
  });

  test("ND-03: where the session was given another place by a new password, every session ends", async () => {
    const { app, mailServer } = await startMailedApp(database);
    const own = await owner(app);
    const stranger = await login(app);
    const token = tokenIn(await told(mailServer));
    const changed = await app.inject({
      method: "PUT",
      url: "/me/password",
      headers: bearer(stranger),
      payload: { current_password: password, new_password: another },
    });
    expect((await ask(app, "/login/disown", { token })).statusCode).toBe(204);
    expect(await isAlive(app, changed.json())).toBe(false);
    expect(await isAlive(app, own)).toBe(false);
  });

  test.each(["database", "memory"] as const)(
    "ND-01: with a cookie whose session is kept in the %s is told and ended alike",
    async (sessionStore) => {
      const { app, mailServer } = await startMailedApp(database, { sessionStore });
      const own = await owner(app);
      const cookie = await openCookieSession(app);
      const token = tokenIn(await told(mailServer));
      const headers = { cookie: `__Host-session=${cookie}`, "sec-fetch-site": "same-origin" };
      expect((await app.inject({ url: "/me", headers })).statusCode).toBe(200);
      expect((await ask(app, "/login/disown", { token })).statusCode).toBe(204);
      expect((await app.inject({ url: "/me", headers })).statusCode).toBe(401);
      expect(await isAlive(app, own)).toBe(true);
      expect((await ask(app, "/login/disown", { token })).statusCode).toBe(400);
    },
  );
});

test("ND-03: a session in memory that got a successor by a new password ends with all others", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", { sessionStore: "memory" });
  await owner(app);
  const cookie = await openCookieSession(app);
  const token = tokenIn(await told(mailServer));
  const changed = await app.inject({
    method: "PUT",
    url: "/me/password",
    headers: { cookie: `__Host-session=${cookie}`, "sec-fetch-site": "same-origin" },
    payload: { current_password: password, new_password: another },
  });
  const [, successor = ""] = /__Host-session=([\w-]{43})/.exec(String(changed.headers["set-cookie"])) ?? [];
  const headers = { cookie: `__Host-session=${successor}`, "sec-fetch-site": "same-origin" };
  expect((await app.inject({ url: "/me", headers })).statusCode).toBe(200);
  expect((await ask(app, "/login/disown", { token })).statusCode).toBe(204);
  expect((await app.inject({ url: "/me", headers })).statusCode).toBe(401);
});

test("ND-01: nobody is told of a known device, whichever way it logs in", async () => {
  const mailed = await startMailedApp();
  const { app, mailServer } = mailed;
  const own = await owner(app);
  const known = { email: ada, password, device_token: own.device_token };
  await ask(app, "/login", known);
  await ask(app, "/session", known, { "sec-fetch-site": "same-origin" });
  const { credential } = await addPasskey(app, bearer(own));
  const response = await credential.answer(await requestOptions(app));
  const withPasskey = { response, device_token: own.device_token };
  expect((await ask(app, "/login/passkey", withPasskey)).statusCode).toBe(200);
  const cookie = `__Host-devices=${own.device_token}`;
  const again = { response: await credential.answer(await requestOptions(app)), carrier: "cookie" } as const;
  expect((await sendLogin(app, again, { cookie, "sec-fetch-site": "same-origin" })).statusCode).toBe(204);
  expect(await subjectsOf(mailed)).not.toContainEqual(expect.stringMatching(/^New login/));

  // The same passkey without a token is somebody whom nobody has seen before.
  expect((await logInWithPasskey(app, credential)).statusCode).toBe(200);
  tokenIn(await told(mailServer));
});

test("ND-01: a login with a second factor is told once it is whole, and not before", async () => {
  const mailed = await startMailedApp();
  const { app, mailServer } = mailed;
  await owner(app);
  const { authenticator } = await protect(app);
  await told(mailServer);
  const challenge = await challengeOf(app, "/login");
  expect((await subjectsOf(mailed)).filter((subject) => subject?.startsWith("New login"))).toHaveLength(1);
  const shown = { login_challenge: challenge, factor: "totp", code: authenticator.code() };
  const strong = (await showFactor(app, shown)).json<Tokens>();
  expect((await ask(app, "/login/disown", { token: tokenIn(await told(mailServer)) })).statusCode).toBe(204);
  expect(await isAlive(app, strong)).toBe(false);
});

test("ND-02: after a reset by mail the device that set the password is known, and any other is told of", async () => {
  const { app, mailServer } = await startMailedApp();
  await newAccount(app);
  await ask(app, "/password/forgotten", { email: ada });
  const { token } = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
  const set = await ask(app, "/password/reset", { token, new_password: another });
  const { device_token: deviceToken } = set.json<{ device_token: string }>();
  await ask(app, "/login", { email: ada, password: another, device_token: deviceToken });
  await login(app, ada, another);
  const subjects = await subjectsOf({ app, mailServer });
  expect(subjects.filter((subject) => subject?.startsWith("New login"))).toHaveLength(1);
});

test("ND-01: the link opens nothing but this, and nothing else opens this", async () => {
  const { app, mailServer } = await startMailedApp();
  await owner(app);
  await login(app);
  const token = tokenIn(await told(mailServer));
  await ask(app, "/password/forgotten", { email: ada });
  const reset = secretsIn(await mailServer.takeAbout(ada, "Choose a new password"));
  for (const [url, payload] of [
    ["/login/disown", { token: reset.token }],
    ["/login/disown", { token: "" }],
    ["/login/disown", { token: 1 }],
    ["/login/disown", { email: ada, code: reset.code }],
    ["/login/disown", { token, sid: "x" }],
    ["/email/undo", { token }],
    ["/password/reset", { token, new_password: another }],
    ["/email/verify", { token, password }],
  ] as const)
    expect((await ask(app, url, payload)).statusCode, `${url} ${JSON.stringify(payload)}`).toBe(400);
  for (const method of ["GET", "HEAD", "OPTIONS"] as const)
    await app.inject({ method, url: `/login/disown?token=${token}` });
  expect((await ask(app, "/login/disown", { token })).statusCode).toBe(204);
});

test("ND-01: to an address that the account has left the link works on, and no mail goes to the present one", async () => {
  const { app, mailServer } = await startMailedApp();
  await owner(app);
  const stranger = await login(app);
  const token = tokenIn(await told(mailServer));
  await sql`update users set email = 'eve@example.com', email_key = 'eve@example.com'`.execute(
    app.auth.database,
  );
  expect((await ask(app, "/login/disown", { token })).statusCode).toBe(204);
  expect(await isAlive(app, stranger)).toBe(false);
  await subjectsOf({ app, mailServer });
  expect(mailServer.mails.filter(({ recipients }) => recipients.includes("eve@example.com"))).toEqual([]);
});

test("ND-04: notices take nothing of the three mails an hour that somebody may ask for, and can be left out", async () => {
  const { app, mailServer } = await startMailedApp();
  await owner(app);
  for (const _ of Array(5).keys()) {
    await login(app);
    await told(mailServer);
  }
  for (const _ of Array(3).keys()) {
    await ask(app, "/password/forgotten", { email: ada });
    await mailServer.takeAbout(ada, "Choose a new password");
  }
  const quiet = await startMailedApp("SQLite", { newDeviceMail: false });
  await owner(quiet.app);
  await login(quiet.app);
  expect(await subjectsOf(quiet)).toEqual([]);
});
