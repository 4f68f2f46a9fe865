// Logging in with passkeys, as the whole login and as its second half, with answers of every wrong kind.
import type { LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { bearer, issuer, login, newAccount, renew, startApp, type Tokens } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { challengeOf, showFactor } from "../second-factor/factors.ts";
import { type Behaviour, newAuthenticator } from "./authenticator.ts";
import { raceOf } from "../races.ts";
import {
  addPasskey,
  change,
  giveFirstPasskey,
  logInWithPasskey,
  requestOptions,
  sendLogin,
} from "./passkeys.ts";

const databases = { SQLite: async () => "sqlite::memory:", PostgreSQL: newPostgresUrl };

function claimsOf({ access_token: token }: Tokens): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
}

function codeOf(answer: LightMyRequestResponse): string {
  return answer.json<{ code: string }>().code;
}

/** What a device, a browser or somebody in between may get wrong, and whether a login then is none. */
const wrongs: Readonly<Record<string, Behaviour>> = {
  "another origin": { origin: "https://evil.example" },
  "a page below the issuer's": { origin: "https://x.api.example.com" },
  "another site": { rpId: "evil.example" },
  "another ceremony": { type: "webauthn.create" },
  "a frame of another page": { crossOrigin: true },
  "a challenge of its own": { challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
  "nobody present": { userPresent: false },
  "nobody verified": { userVerified: false },
  "no owner": { userHandle: null },
  "another owner": { userHandle: Buffer.from("AAAAAAAAAAAAAAAAAAAAAA").toString("base64url") },
  "a key that cannot be copied any more": { backupEligible: false },
  "a counter that stands still": { counter: 1 },
  "a counter that went back": { counter: 0 },
  "a signature of other words": {
    tamper: (signature) => Buffer.concat([signature.subarray(0, -1), signature.subarray(0, 1)]),
  },
  "no signature": { tamper: () => Buffer.alloc(0) },
};

describe.each(Object.entries(databases))("a login with a passkey on %s", (_name, newUrl) => {
  const start = async () => {
    const databaseUrl = await newUrl();
    const app = await startApp({ databaseUrl, guessesPerAccount: 1000, guessesPerSource: 1000 });
    await newAccount(app);
    return { app, ...(await giveFirstPasskey(app)) };
  };

  test("PK-01: is two factors, and its tokens say so, renewed ones too", async () => {
    const { app, credential } = await start();
    const before = Math.floor(Date.now() / 1000);
    const answer = await logInWithPasskey(app, credential);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    const renewed = (await renew(app, answer.json<Tokens>().refresh_token)).json<Tokens>();
    for (const tokens of [answer.json<Tokens>(), renewed]) {
      const claims = claimsOf(tokens);
      expect(claims).toMatchObject({ acr: "aal2", amr: ["pop", "user", "mfa"] });
      expect(claims["auth_time"]).toBeGreaterThanOrEqual(before - 1);
    }
    const listed = await app.inject({ url: "/me/passkeys", headers: bearer(renewed) });
    expect(listed.json()).toMatchObject({ passkeys: [{ id: credential.id, backed_up: true }] });
    expect(listed.json<{ passkeys: { last_used_at: unknown }[] }>().passkeys[0]?.last_used_at).not.toBeNull();
  });

  test("PK-01: opens a cookie's session, for pages of one's own alone", async () => {
    const { app, credential } = await start();
    const response = await credential.answer(await requestOptions(app));
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, {}]) {
      const foreign = await sendLogin(app, { response, carrier: "cookie" }, headers);
      expect(codeOf(foreign)).toBe("cross_site");
      expect(foreign.headers).not.toHaveProperty("set-cookie");
    }
    const own = await sendLogin(app, { response, carrier: "cookie" }, { "sec-fetch-site": "same-origin" });
    expect([own.statusCode, own.body]).toEqual([204, ""]);
    const [cookie = ""] = String(own.headers["set-cookie"]).split(";");
    expect((await app.inject({ url: "/me", headers: { cookie } })).statusCode).toBe(200);
  });

  test("PK-02: of 64 at once with one answer, one logs in, and so with one challenge", async () => {
    const { app, credential } = await start();
    const response = await credential.answer(await requestOptions(app));
    expect(await raceOf(64, () => sendLogin(app, { response }))).toEqual({ 200: 1, 401: 63 });
    const options = await requestOptions(app);
    const answers = await Promise.all(Array.from({ length: 64 }, () => credential.answer(options)));
    expect(await raceOf(64, (index) => sendLogin(app, { response: answers[index] ?? {} }))).toEqual({
      200: 1,
      401: 63,
    });
  });

  test("PK-03: no wrong answer logs anybody in, and all are told alike", async () => {
    const { app, credential } = await start();
    await logInWithPasskey(app, credential);
    const bodies = new Set<string>();
    for (const [name, behaviour] of Object.entries(wrongs)) {
      const answer = await logInWithPasskey(app, credential, behaviour);
      expect([answer.statusCode, codeOf(answer)], name).toEqual([401, "passkey_invalid"]);
      bodies.add(JSON.stringify({ ...answer.json<object>(), request_id: "" }));
    }
    const unknown = await newAuthenticator(issuer).make({
      ...(await optionsOfNobody()),
      challenge: "AAAA",
    });
    const answer = await logInWithPasskey(app, unknown.credential);
    bodies.add(JSON.stringify({ ...answer.json<object>(), request_id: "" }));
    expect(bodies.size).toBe(1);
    expect((await logInWithPasskey(app, credential)).statusCode).toBe(200);
  });

  test("PK-03: what is no answer at all is refused, and never an error of ours", async () => {
    const { app, credential } = await start();
    const good = (await credential.answer(await requestOptions(app))) as {
      response: Record<string, unknown>;
    };
    const others: object[] = [{}, { ...good, id: 7 }, { ...good, id: "" }, { ...good, response: null }];
    for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
      for (const value of [null, 7, "", "!", "AAAA", {}, [], "A".repeat(9000), "\0"])
        others.push({ ...good, response: { ...good.response, [name]: value } });
    const client = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const value of [null, [], "x", { challenge: 7 }, { challenge: {} }, { __proto__: null }])
      others.push({ ...good, response: { ...good.response, clientDataJSON: client(value) } });
    for (const response of others) {
      const answer = await sendLogin(app, { response });
      expect([400, 401], JSON.stringify(response)).toContain(answer.statusCode);
    }
    // None of which has used up the challenge.
    expect((await sendLogin(app, { response: good })).statusCode).toBe(200);
  });

  test("PK-04: a counter that does not go on is in the trail, once for each answer", async () => {
    const { app, credential } = await start();
    const headers = bearer((await logInWithPasskey(app, credential)).json<Tokens>());
    const response = await credential.answer(await requestOptions(app), { counter: 1 });
    for (let count = 0; count < 3; count += 1)
      expect((await sendLogin(app, { response })).statusCode).toBe(401);
    await expect
      .poll(async () => {
        const { activity } = (await app.inject({ url: "/me/activity", headers })).json<{
          activity: { event: string; detail: object }[];
        }>();
        return activity.filter(({ event }) => event === "passkey_counter_behind").map(({ detail }) => detail);
      })
      .toEqual([{ known: 2, shown: 1 }]);
    await change(app, sql`delete from passkeys`);
    expect((await logInWithPasskey(app, credential)).statusCode).toBe(401);
  });

  test("PK-01: one that never counts logs in again and again", async () => {
    const { app } = await start();
    await newAccount(app, "eve");
    const device = newAuthenticator(issuer, { counts: false });
    const { credential } = await giveFirstPasskey(app, "eve@example.com", device);
    for (let count = 0; count < 3; count += 1)
      expect((await logInWithPasskey(app, credential)).statusCode).toBe(200);
  });

  test("PK-05: a password asks for the passkey, which finishes the login, and recovery codes do as well", async () => {
    const { app, credential, recovery_codes: codes } = await start();
    const challenge = await challengeOf(app);
    const options = await requestOptions(app, challenge);
    expect(options).toMatchObject({
      userVerification: "preferred",
      allowCredentials: [{ type: "public-key", id: credential.id, transports: ["internal"] }],
    });
    // The device need not verify whoever has shown a password.
    const response = await credential.answer(options, { userVerified: false, userHandle: null });
    const payload = { login_challenge: challenge, factor: "passkey", response };
    const answers = await raceOf(64, () => showFactor(app, payload));
    expect(answers).toEqual({ 200: 1, 401: 63 });
    const again = await challengeOf(app);
    const second = await showFactor(app, {
      login_challenge: again,
      factor: "passkey",
      response: await credential.answer(await requestOptions(app, again)),
    });
    expect(claimsOf(second.json())).toMatchObject({ acr: "aal2", amr: ["pwd", "pop", "user", "mfa"] });
    expect(codes).toHaveLength(10);
    const recovered = await showFactor(app, {
      login_challenge: await challengeOf(app),
      factor: "recovery_code",
      code: codes?.[0],
    });
    expect(recovered.statusCode).toBe(200);
  });

  test("PK-05: each challenge is for its own use and its own account", async () => {
    const { app, credential } = await start();
    await newAccount(app, "eve");
    const eve = await giveFirstPasskey(app, "eve@example.com");
    const challenge = await challengeOf(app);
    const factor = await requestOptions(app, challenge);
    const whole = await requestOptions(app);
    const eves = await requestOptions(app, await challengeOf(app, "/login", "eve@example.com"));
    // The second half's answer, without the first half.
    expect((await sendLogin(app, { response: await credential.answer(factor) })).statusCode).toBe(401);
    for (const response of [
      await credential.answer(whole),
      await eve.credential.answer(eves),
      await eve.credential.answer(factor),
      await credential.answer(eves),
      {},
    ]) {
      const answer = await showFactor(app, { login_challenge: challenge, factor: "passkey", response });
      expect([answer.statusCode, codeOf(answer)]).toEqual([401, "second_factor_invalid"]);
    }
    const right = await credential.answer(factor);
    expect(
      (await showFactor(app, { login_challenge: challenge, factor: "passkey", response: right })).statusCode,
    ).toBe(200);
  });

  test("PK-05: no options are given for a login challenge that is none", async () => {
    const { app } = await start();
    const answer = await app.inject({
      method: "POST",
      url: "/login/passkey/options",
      payload: { login_challenge: "AAAA" },
    });
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, "login_challenge_invalid"]);
  });

  test("PK-06: a disabled account, and one whose password has gone, are judged as they are", async () => {
    const { app, credential } = await start();
    await change(app, sql`update users set password_hash = ''`);
    expect((await logInWithPasskey(app, credential)).statusCode).toBe(200);
    await change(app, sql`update users set status = 'disabled'`);
    const answer = await logInWithPasskey(app, credential);
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, "passkey_invalid"]);
  });

  test("PK-06: while a passkey is removed, no login with it opens after that", async () => {
    const { app, credential, headers } = await start();
    const first = bearer((await logInWithPasskey(app, credential)).json<Tokens>());
    const { credential: second } = await addPasskey(app, first);
    const responses = [];
    for (let count = 0; count < 16; count += 1)
      responses.push(await second.answer(await requestOptions(app)));
    const removal = app.inject({ method: "DELETE", url: `/me/passkeys/${second.id}`, headers: first });
    const logins = Promise.all(responses.map((response) => sendLogin(app, { response })));
    expect((await removal).statusCode).toBe(204);
    expect((await logInWithPasskey(app, second)).statusCode).toBe(401);
    for (const { statusCode } of await logins) expect([200, 401]).toContain(statusCode);
    expect((await app.inject({ url: "/me", headers })).statusCode).toBe(200);
  });
});

async function optionsOfNobody() {
  const app = await startApp();
  await newAccount(app);
  const answer = await app.inject({
    method: "POST",
    url: "/me/passkeys/options",
    headers: bearer(await login(app)),
  });
  return answer.json<Parameters<ReturnType<typeof newAuthenticator>["make"]>[0]>();
}

test("PK-02: a challenge is over after ten minutes", async () => {
  const app = await startApp();
  await newAccount(app);
  const { credential } = await giveFirstPasskey(app);
  const response = await credential.answer(await requestOptions(app));
  vi.useFakeTimers({ now: Date.now() + 600_000, toFake: ["Date"] });
  try {
    expect(codeOf(await sendLogin(app, { response }))).toBe("passkey_invalid");
  } finally {
    vi.useRealTimers();
  }
});

test("PK-01: sessions in memory open with a passkey that the account has, too", async () => {
  const app = await startApp({ sessionStore: "memory" });
  await newAccount(app);
  const { credential } = await giveFirstPasskey(app);
  const response = await credential.answer(await requestOptions(app));
  const own = await sendLogin(app, { response, carrier: "cookie" }, { "sec-fetch-site": "same-origin" });
  expect(own.statusCode).toBe(204);
});

test("a server that no passkey can be made for has no routes of them", async () => {
  const app = await startApp({ issuer: "http://127.0.0.1:3001" });
  for (const url of ["/login/passkey", "/login/passkey/options", "/me/passkeys"])
    expect((await app.inject({ method: "POST", url, payload: {} })).statusCode).toBe(404);
});
