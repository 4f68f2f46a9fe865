// Adding, naming and removing passkeys: by their owner, once each, and never the last way in.
import type { LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { bearer, issuer, login, newAccount, password, startApp, type Tokens } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { raceOf } from "../races.ts";
import { addTotp } from "../second-factor/factors.ts";
import { type Behaviour, newAuthenticator } from "./authenticator.ts";
import {
  addPasskey,
  change,
  creationOptions,
  giveFirstPasskey,
  type Headers,
  logInWithPasskey,
  sendPasskey,
} from "./passkeys.ts";

const databases = { SQLite: async () => "sqlite::memory:", PostgreSQL: newPostgresUrl };

function codeOf(answer: LightMyRequestResponse): string {
  return answer.json<{ code: string }>().code;
}

const wrongs: Readonly<Record<string, Behaviour>> = {
  "another origin": { origin: "https://evil.example" },
  "another site": { rpId: "evil.example" },
  "another ceremony": { type: "webauthn.get" },
  "a frame of another page": { crossOrigin: true },
  "a challenge of its own": { challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
  "nobody present": { userPresent: false },
  "nobody verified": { userVerified: false },
  "a key that no login finds": { isDiscoverable: false },
  "a word about its maker": { format: "fido-u2f" },
  "a form that nobody knows": { format: "unheard-of" },
};

describe.each(Object.entries(databases))("passkeys of an account on %s", (_name, newUrl) => {
  const start = async (options: object = {}) => {
    const app = await startApp({
      databaseUrl: await newUrl(),
      guessesPerAccount: 1000,
      guessesPerSource: 1000,
      ...options,
    });
    await newAccount(app);
    return app;
  };
  const strong = async (app: Awaited<ReturnType<typeof start>>) => {
    const { credential } = await giveFirstPasskey(app);
    const headers = bearer((await logInWithPasskey(app, credential)).json<Tokens>());
    return { credential, headers };
  };
  const remove = (app: Awaited<ReturnType<typeof start>>, headers: Headers, id: string, payload = {}) =>
    app.inject({ method: "DELETE", url: `/me/passkeys/${id}`, headers, payload });

  test("PK-07: the options name the account, its passkeys and nothing that tells who it is", async () => {
    const app = await start();
    const { credential, headers } = await strong(app);
    const options = await creationOptions(app, headers);
    const me = (await app.inject({ url: "/me", headers })).json<{ id: string }>();
    expect(options).toMatchObject({
      rp: { id: "api.example.com", name: "api.example.com" },
      user: { id: Buffer.from(me.id).toString("base64url"), name: "ada@example.com" },
      attestation: "none",
      excludeCredentials: [{ type: "public-key", id: credential.id }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7, -257]);
  });

  test("PK-07: the first passkey brings ten recovery codes, and from then on the password alone opens nothing", async () => {
    const app = await start();
    const { recovery_codes: codes, headers } = await giveFirstPasskey(app);
    expect(new Set(codes).size).toBe(10);
    expect((await app.inject({ url: "/me/factors", headers })).json()).toEqual({
      required: true,
      totp: false,
      passkeys: 1,
      recovery_codes: 10,
    });
    const payload = { email: "ada@example.com", password };
    const answer = await app.inject({ method: "POST", url: "/login", payload });
    expect(answer.json()).toMatchObject({
      code: "second_factor_required",
      factors: ["passkey", "recovery_code"],
    });
    const { activity } = (await app.inject({ url: "/me/activity", headers })).json<{
      activity: { event: string; detail: object }[];
    }>();
    expect(activity).toContainEqual(
      expect.objectContaining({ event: "factor_added", detail: { factor: "passkey" } }),
    );
  });

  test("PK-08: no wrong answer is kept, and a right one once, of 64 at once", async () => {
    const app = await start();
    const headers = bearer(await login(app));
    const device = newAuthenticator(issuer);
    for (const [name, behaviour] of Object.entries(wrongs)) {
      const { response } = await device.make(await creationOptions(app, headers), behaviour);
      const answer = await sendPasskey(app, headers, response);
      expect([answer.statusCode, codeOf(answer)], name).toEqual([400, "passkey_invalid"]);
    }
    const options = await creationOptions(app, headers);
    const made = await Promise.all(Array.from({ length: 8 }, () => device.make(options)));
    const counts = await raceOf(64, (index) =>
      sendPasskey(app, headers, made[index % made.length]?.response ?? {}),
    );
    expect(counts).toEqual({ 201: 1, 400: 63 });
    const listed = await app.inject({ url: "/me/passkeys", headers });
    expect(listed.json<{ passkeys: object[] }>().passkeys).toHaveLength(1);
  });

  test("PK-08: what a stranger sends in place of an answer is refused, and never an error of ours", async () => {
    const app = await start();
    const headers = bearer(await login(app));
    const { response } = await newAuthenticator(issuer).make(await creationOptions(app, headers));
    const good = response as { response: Record<string, unknown> };
    for (const name of ["clientDataJSON", "attestationObject"])
      for (const value of [null, 7, "", "!", "AAAA", [], {}, "gYGBgYGBgYGB".repeat(900)]) {
        const wrong = { ...good, response: { ...good.response, [name]: value } };
        expect((await sendPasskey(app, headers, wrong)).statusCode, JSON.stringify(value)).toBe(400);
      }
    for (const [index, transports] of [7, ["\0"], Array.from({ length: 500 }, () => "usb")].entries()) {
      const hers = bearer(await login(app, await newAccount(app, `eve${index}`)));
      const other = (await newAuthenticator(issuer).make(await creationOptions(app, hers)))
        .response as typeof good;
      const sent = { ...other, response: { ...other.response, transports } };
      expect([201, 400]).toContain((await sendPasskey(app, hers, sent)).statusCode);
    }
  });

  test("PK-08: the answer is good in the session that asked, while the account is what it was", async () => {
    const app = await start();
    const headers = bearer(await login(app));
    const other = bearer(await login(app));
    const device = newAuthenticator(issuer);
    const { response } = await device.make(await creationOptions(app, headers));
    expect(codeOf(await sendPasskey(app, other, response))).toBe("passkey_invalid");
    await newAccount(app, "eve");
    const eve = bearer(await login(app, "eve@example.com"));
    expect(codeOf(await sendPasskey(app, eve, response))).toBe("passkey_invalid");
    // Meanwhile the owner has protected the account: the password that was shown is not enough any more.
    await addTotp(app, other);
    expect(codeOf(await sendPasskey(app, headers, response))).toBe("passkey_invalid");
  });

  test("PK-08: a passkey of one account is never another's", async () => {
    const app = await start();
    await newAccount(app, "eve");
    const eve = bearer(await login(app, "eve@example.com"));
    const device = newAuthenticator(issuer);
    const { credential } = await giveFirstPasskey(app);
    await change(app, sql`update passkeys set counter = 100`);
    const { response } = await device.make(await creationOptions(app, eve));
    const theirs = (await sendPasskey(app, eve, response)).json<{ passkey: { id: string } }>().passkey;
    const headers = bearer((await logInWithPasskey(app, credential, { counter: 200 })).json<Tokens>());
    for (const [method, payload] of [
      ["PATCH", { name: "mine" }],
      ["DELETE", {}],
    ] as const) {
      const url = `/me/passkeys/${theirs.id}`;
      expect((await app.inject({ method, url, headers, payload })).statusCode).toBe(404);
    }
    expect((await app.inject({ url: "/me/passkeys", headers: eve })).json()).toMatchObject({
      passkeys: [{ id: theirs.id, name: "Passkey" }],
    });
  });

  test("PK-07: an owner names a passkey, in text that can be stored", async () => {
    const app = await start();
    const { credential, headers } = await strong(app);
    const url = `/me/passkeys/${credential.id}`;
    const named = await app.inject({ method: "PATCH", url, headers, payload: { name: "Ada's phone" } });
    expect(named.json()).toMatchObject({ id: credential.id, name: "Ada's phone" });
    for (const name of ["", "\0", 7, "x".repeat(201)]) {
      const wrong = await app.inject({ method: "PATCH", url, headers, payload: { name } });
      expect(wrong.statusCode).toBe(400);
    }
  });

  test("PK-09: a change needs the highest level of the account, freshly shown", async () => {
    const app = await start();
    const { credential, headers: weak } = await giveFirstPasskey(app);
    for (const [method, url] of [
      ["POST", "/me/passkeys/options"],
      ["DELETE", `/me/passkeys/${credential.id}`],
    ] as const) {
      const answer = await app.inject({
        method,
        url,
        headers: weak,
        payload: { current_password: password },
      });
      expect([answer.statusCode, codeOf(answer)], url).toEqual([401, "factor_missing"]);
    }
    const headers = bearer((await logInWithPasskey(app, credential)).json<Tokens>());
    expect((await remove(app, headers, credential.id)).statusCode).toBe(204);
    expect((await app.inject({ url: "/me/factors", headers })).json()).toEqual({
      required: false,
      totp: false,
      passkeys: 0,
      recovery_codes: 0,
    });
    await login(app);
    expect((await logInWithPasskey(app, credential)).statusCode).toBe(401);
  });

  test("PK-10: an account without a password keeps a passkey, however many are removed at once", async () => {
    const app = await start();
    const { credential, headers } = await strong(app);
    const others = [];
    for (let count = 0; count < 3; count += 1) others.push(await addPasskey(app, headers));
    await addTotp(app, headers);
    await change(app, sql`update users set password_hash = ''`);
    const ids = [credential.id, ...others.map(({ passkey }) => passkey.id)];
    const counts = await raceOf(64, (index) => remove(app, headers, ids[index % 4] ?? ""));
    // Of four, three went; each of the rest was gone, or is the only way in.
    expect(counts[204]).toBe(3);
    const left = (await app.inject({ url: "/me/passkeys", headers })).json<{ passkeys: { id: string }[] }>();
    expect(left.passkeys).toHaveLength(1);
    const last = await remove(app, headers, left.passkeys[0]?.id ?? "");
    expect([last.statusCode, codeOf(last)]).toEqual([409, "factor_needed"]);
  });

  test("PK-07: an account has twenty passkeys at most", async () => {
    const app = await start();
    const { headers } = await strong(app);
    for (let count = 1; count < 20; count += 1) await addPasskey(app, headers);
    const { response } = await newAuthenticator(issuer).make(await creationOptions(app, headers));
    const answer = await sendPasskey(app, headers, response);
    expect([answer.statusCode, codeOf(answer)]).toEqual([409, "factor_exists"]);
  });

  test("PK-09: a session that has ended changes nothing", async () => {
    const app = await start();
    const { credential, headers } = await strong(app);
    const { response } = await newAuthenticator(issuer).make(await creationOptions(app, headers));
    await app.inject({ method: "POST", url: "/logout", headers });
    expect((await sendPasskey(app, headers, response)).statusCode).toBe(401);
    expect((await remove(app, headers, credential.id)).statusCode).toBe(401);
  });
});
