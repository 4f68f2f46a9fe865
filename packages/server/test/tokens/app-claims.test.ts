// What an app adds to access tokens: what it may say, and what happens when it does not.
import { decode } from "@countersign/token";
import type { Identity } from "@countersign/verifier";
import type { FastifyInstance } from "fastify";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import type { ClaimsFunction } from "../../src/index.ts";
import { readOptions } from "../../src/settings/settings.ts";
import { backends } from "../database/backends.ts";
import { newAccount as newStoredAccount, openSession } from "../database/fixtures.ts";
import {
  bearer,
  issuer,
  login,
  newAccount,
  openCookieSession,
  password,
  renew,
  startApp,
  type Tokens,
} from "../app.ts";

declare module "@countersign/verifier" {
  interface AppClaims {
    plan: string;
    tenant: string | undefined;
  }
}

const names = ["plan", "tenant"];

/** An app with a guarded route that shows the claims of whoever asks, and an account in it. */
async function startWith(claims: ClaimsFunction): Promise<FastifyInstance> {
  const app = await startApp({ claims, claimNames: names });
  return app;
}

function claimsOf({ access_token: token }: Pick<Tokens, "access_token">): Readonly<Record<string, unknown>> {
  return decode(token).payload;
}

function logIn(app: FastifyInstance) {
  return app.inject({ method: "POST", url: "/login", payload: { email: "ada@example.com", password } });
}

function changePassword(app: FastifyInstance, tokens: Tokens, newPassword: string) {
  return app.inject({
    method: "PUT",
    url: "/me/password",
    headers: bearer(tokens),
    payload: { current_password: password, new_password: newPassword },
  });
}

describe("claims of an app", () => {
  test("stand in the token of a login, of each renewal and after a new password", async () => {
    const asked = vi.fn<ClaimsFunction>(async ({ email, emailVerified, roles }, { factors, amr }) => ({
      plan: `${email} ${emailVerified} ${roles.join()} ${factors} ${amr.join()}`,
      tenant: undefined,
    }));
    const app = await startWith(asked);
    await newAccount(app);
    const first = await login(app);
    const said = "ada@example.com false user 1 pwd";
    expect(claimsOf(first)).toMatchObject({ plan: said, roles: ["user"], iss: issuer });
    expect(claimsOf(first)).not.toHaveProperty("tenant");
    const second = (await renew(app, first.refresh_token)).json<Tokens>();
    expect(claimsOf(second)).toMatchObject({ plan: said });
    const changed = await changePassword(app, second, "another violin ledger");
    expect(claimsOf(changed.json())).toMatchObject({ plan: said });
    expect(asked).toHaveBeenCalledTimes(3);
  });

  test("reach handlers through the guard, and not from cookies, which have no token", async () => {
    const app = await startApp({ claims: () => ({ plan: "pro" }), claimNames: names }, { logger: false });
    await newAccount(app);
    const { access_token: token } = await login(app);
    expect(await app.auth.verifier.authenticate(`Bearer ${token}`)).toMatchObject({
      claims: { plan: "pro" },
    });
    await expect(openCookieSession(app)).resolves.toHaveLength(43);
  });

  test.each<[string, ClaimsFunction]>([
    [
      "throws",
      () => {
        throw new TypeError("the customer database is away");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("the customer database is away"))],
    ["gives nothing", () => undefined as never],
    ["gives a list", () => [] as never],
    ["gives a name that is not on the list", () => ({ colour: "blue" }) as never],
    ["gives a name of ours", () => ({ sub: "somebody else" }) as never],
    ["gives a name that stands for a prototype", () => JSON.parse('{"__proto__":{"plan":"pro"}}') as never],
    ["gives a prototype deeper down", () => ({ plan: JSON.parse('{"__proto__":1}') as unknown }) as never],
    ["gives a Date", () => ({ plan: new Date(0) }) as never],
    ["gives a number that JSON has no word for", () => ({ plan: Number.NaN }) as never],
    ["gives a big integer", () => ({ plan: 1n }) as never],
    ["gives half of a surrogate pair", () => ({ plan: "\ud83d" })],
    [
      "gives what nests without end",
      () => {
        const plan: unknown[] = [];
        plan.push(plan);
        return { plan } as never;
      },
    ],
    ["gives more than 1,024 bytes", () => ({ plan: "x".repeat(1014) })],
  ])("refuse with 503 where the function %s, and nothing has changed", async (_what, broken) => {
    let claims: ClaimsFunction = () => ({ plan: "x".repeat(1013) });
    const app = await startWith((...args) => claims(...args));
    await newAccount(app);
    const tokens = await login(app);
    claims = broken;
    for (const refused of [
      await logIn(app),
      await renew(app, tokens.refresh_token),
      await changePassword(app, tokens, "another violin ledger"),
    ]) {
      expect(refused.statusCode).toBe(503);
      expect(refused.headers["retry-after"]).toBe("2");
      expect(refused.body).not.toMatch(/customer|token"|__proto__/);
    }
    claims = () => ({});
    const sessions = await app.inject({ url: "/me/sessions", headers: bearer(tokens) });
    expect(sessions.json()).toMatchObject({ sessions: [{ current: true }] });
    const renewed = await renew(app, tokens.refresh_token);
    expect(renewed.statusCode).toBe(200);
    expect(claimsOf(renewed.json())).not.toHaveProperty("plan");
    await login(app);
  });

  test("refuse with 503 where the function does not answer within a second, and tell it so", async () => {
    let signal: AbortSignal | undefined;
    const app = await startWith((_account, _session, given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    await newAccount(app);
    const refused = await logIn(app);
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: "unavailable" });
    expect(signal?.aborted).toBe(true);
  });

  test("are not asked for by whoever shows no live token of ours", async () => {
    const asked = vi.fn<ClaimsFunction>(() => ({}));
    const app = await startWith(asked);
    await newAccount(app);
    const first = await login(app);
    const second = (await renew(app, first.refresh_token)).json<Tokens>();
    const third = (await renew(app, second.refresh_token)).json<Tokens>();
    asked.mockClear();
    const wrong = { email: "ada@example.com", password: "wrong violin ledger" };
    expect((await app.inject({ method: "POST", url: "/login", payload: wrong })).statusCode).toBe(401);
    expect((await renew(app, "x".repeat(71))).statusCode).toBe(400);
    // Two generations old: a copy, which ends the session, whatever the app would say.
    expect((await renew(app, first.refresh_token)).statusCode).toBe(400);
    expect((await renew(app, third.refresh_token)).statusCode).toBe(400);
    expect(asked).not.toHaveBeenCalled();
  });

  test("cannot be changed by the app once they are given", async () => {
    const shared = { plan: { name: "pro" } };
    const app = await startWith((account) => {
      (account.roles as string[]).push("admin");
      return shared as never;
    });
    await newAccount(app);
    const tokens = await login(app);
    expect(claimsOf(tokens)).toMatchObject({ roles: ["user"], plan: { name: "pro" } });
  });
});

test("an app says once which claims it has, for its function and for every guard", () => {
  expectTypeOf<Identity["claims"]["plan"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<{ plan: number }>().not.toExtend<Awaited<ReturnType<ClaimsFunction>>>();
});

describe("the names of claims", () => {
  const claims = (): object => ({});

  test.each(
    (
      "iss sub aud exp nbf iat jti sid client_id scope roles amr acr auth_time cnf act active token_type Roles " +
      "constructor __proto__ toString 1plan pl.an" +
      "x".repeat(61)
    ).split(" "),
  )("cannot be %s, which means something already or is no name", (name) => {
    expect(() => readOptions({ issuer, claims, claimNames: ["plan", name] })).toThrow(/claimNames must be/);
  });

  test("go with the function, and it with them", () => {
    expect(() => readOptions({ issuer, claims })).toThrow(/claims needs claimNames/);
    expect(() => readOptions({ issuer, claimNames: ["plan"] })).toThrow(/claimNames are names for claims/);
    expect(() => readOptions({ issuer, claims: "plan" as never, claimNames: ["plan"] })).toThrow(
      /claims must be a function/,
    );
    expect(readOptions({ issuer, claims, claimNames: ["plan", "https://example.com/plan"] }).claims).toBe(
      claims,
    );
  });
});

describe.each(backends)("claims that were made before the account changed, on $name,", (backend) => {
  test("move no generation, and the session lives on", async () => {
    const [store, other] = await backend.openInstances(2);
    if (store === undefined || other === undefined) throw new TypeError("no instances");
    const { id } = await newStoredAccount(store);
    const { sid } = await openSession(store, id);
    const prepared = await store.sessions.prepareRenewal({ sid, generation: 0 });
    expect(prepared.session).toMatchObject({ userId: id, clientId: "first-party", amr: ["pwd"] });
    await other.accounts.setRoles(id, ["editor"]);
    const again = () => store.sessions.prepareRenewal({ sid, generation: 0 }, prepared.deadlineMs);
    expect(await store.sessions.renew({ sid, generation: 0 }, {}, prepared)).toEqual({ outcome: "outdated" });
    const notMade = { ...(await again()), tokensBefore: null };
    expect(await store.sessions.renew({ sid, generation: 0 }, {}, notMade)).toEqual({ outcome: "outdated" });
    const renewed = await store.sessions.renew({ sid, generation: 0 }, {}, await again());
    expect(renewed).toMatchObject({ outcome: "renewed", generation: 1, grant: { roles: ["editor"] } });
    // The same answer once more is one with claims, too.
    expect(await store.sessions.renew({ sid, generation: 0 }, {}, prepared)).toEqual({ outcome: "outdated" });
    expect(await store.sessions.renew({ sid, generation: 0 }, {}, await again())).toMatchObject({
      outcome: "repeated",
    });
  });

  test("open no session and change no password", async () => {
    const store = await backend.open();
    const { id } = await newStoredAccount(store);
    const before = await store.accounts.get(id);
    await store.accounts.setRoles(id, ["editor"]);
    const session = {
      userId: id,
      passwordVersion: 1,
      carrier: { kind: "token" as const },
      device: { userAgent: null, address: null },
      amr: ["pwd"],
      clientId: "first-party",
    };
    const accountVersion = before?.claimsVersion;
    expect(await store.sessions.open({ ...session, accountVersion })).toEqual({ outcome: "outdated" });
    const change = { userId: id, passwordVersion: 1, newHash: "new", accountVersion };
    expect(await store.accounts.changePassword(change)).toEqual({ outcome: "claims_outdated" });
    const after = await store.accounts.get(id);
    const current = { ...session, accountVersion: after?.claimsVersion };
    expect(await store.sessions.open(current)).toMatchObject({
      outcome: "opened",
      grant: { roles: ["editor"] },
    });
    await store.accounts.setStatus(id, "disabled");
    expect(await store.sessions.open({ ...session, accountVersion: after?.claimsVersion })).not.toMatchObject(
      {
        outcome: "opened",
      },
    );
  });

  test("reach no token that is dated after the change, in 64 renewals that race 16 changes", async () => {
    const [store, other] = await backend.openInstances(2, { sessions: { graceSeconds: 60 } });
    if (store === undefined || other === undefined) throw new TypeError("no instances");
    const { id } = await newStoredAccount(store);
    const sessions = [];
    for (let count = 0; count < 64; count += 1) sessions.push(await openSession(store, id));
    const attempts = sessions.map(async ({ sid }) => {
      const prepared = await store.sessions.prepareRenewal({ sid, generation: 0 });
      const made = (await store.accounts.get(id))?.roles;
      const renewal = await store.sessions.renew({ sid, generation: 0 }, {}, prepared);
      return renewal.outcome === "renewed" ? { made, grant: renewal.grant } : undefined;
    });
    const change = async (): Promise<undefined> => {
      for (let count = 0; count < 16; count += 1) await other.accounts.setRoles(id, [`role-${count}`]);
    };
    const outcomes = await Promise.all([change(), ...attempts]);
    for (const outcome of outcomes) {
      if (outcome === undefined) continue;
      // Either both are of before, and the token dies by its date, or both are of after.
      expect(outcome.grant.roles).toEqual(outcome.made);
    }
  });
});
