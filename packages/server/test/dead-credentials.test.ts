// Every route with every kind of credential that is over: it opens nothing and ends nothing but itself.
import type { FastifyInstance } from "fastify";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore, type Store } from "./database/store.ts";
import { bearer, issuer, login, newAccount, newApp, openCookieSession, password, renew } from "./app.ts";
import { newPostgresUrl } from "./postgres.ts";
import { revokeEverything } from "../src/sessions/revoke-everything.ts";

const otherPassword = "another violin ledger";

interface Holder {
  readonly email: string;
  readonly id: string;
  /** As the client sends it. */
  readonly headers: Readonly<Record<string, string>>;
  /** A session of the same account that is opened after the other one died, where one can be. */
  readonly refreshToken: string | undefined;
}

/** How a credential dies. The account's password afterwards, or undefined where nobody can log in. */
const deaths: Readonly<
  Record<string, (app: FastifyInstance, store: Store, holder: Holder) => Promise<string | undefined>>
> = {
  async "an ended session"(app, _store, { headers }) {
    await app.inject({ method: "POST", url: "/logout", headers });
    return password;
  },
  async "all sessions ended"(app, _store, { headers }) {
    await app.inject({ method: "POST", url: "/logout", headers, payload: { scope: "all" } });
    return password;
  },
  async "an old password"(app, _store, { headers }) {
    const payload = { current_password: password, new_password: otherPassword };
    const { statusCode } = await app.inject({ method: "PUT", url: "/me/password", headers, payload });
    expect([200, 204]).toContain(statusCode);
    return otherPassword;
  },
  async "a disabled account"(_app, store, { id }) {
    await store.accounts.setStatus(id, "disabled");
    return undefined;
  },
  async "an account that was disabled and enabled"(_app, store, { id }) {
    await store.accounts.setStatus(id, "disabled");
    await store.accounts.setStatus(id, "active");
    return password;
  },
  async "a deleted account"(_app, store, { id }) {
    await store.accounts.delete(id);
    return undefined;
  },
  async "everything revoked"(_app, store) {
    await revokeEverything(store.database);
    return password;
  },
};

const routes = [
  ["GET", "/me", undefined],
  ["PATCH", "/me", { name: "Eve" }],
  ["DELETE", "/me", { current_password: password }],
  ["DELETE", "/me", { current_password: otherPassword }],
  ["PUT", "/me/password", { current_password: password, new_password: "stolen violin ledger" }],
  ["PUT", "/me/password", { current_password: otherPassword, new_password: "stolen violin ledger" }],
  ["GET", "/me/activity", undefined],
  ["GET", "/me/sessions", undefined],
  ["DELETE", "/me/sessions/OTHER", undefined],
  ["POST", "/logout", { scope: "others" }],
  ["POST", "/logout", { scope: "all" }],
] as const;

// The tests share one server, as the credentials of many people do.
describe.each(["database", "memory"] as const)(
  "credentials that are over, sessions kept in: %s",
  (sessionStore) => {
    let app: FastifyInstance;
    let store: Store;
    let people = 0;

    beforeAll(async () => {
      // A second connection stands for the operator's command line.
      const databaseUrl = await newPostgresUrl();
      const dataDir = await mkdtemp(join(tmpdir(), "countersign-dead-"));
      app = newApp({ databaseUrl, sessionStore, dataDir });
      await app.ready();
      store = await openStore({ url: databaseUrl });
      afterAll(async () => {
        await app.close();
        await store.close();
        await rm(dataDir, { recursive: true });
      });
    }, 120_000);

    async function hold(carrier: "token" | "cookie"): Promise<Holder> {
      people += 1;
      const email = await newAccount(app, `person-${people}`);
      if (carrier === "cookie") {
        const headers = { cookie: `__Host-session=${await openCookieSession(app, email)}`, origin: issuer };
        const { id } = (await app.inject({ url: "/me", headers })).json<{ id: string }>();
        return { email, id, headers, refreshToken: undefined };
      }
      const tokens = await login(app, email);
      const { id } = (await app.inject({ url: "/me", headers: bearer(tokens) })).json<{ id: string }>();
      return { email, id, headers: bearer(tokens), refreshToken: tokens.refresh_token };
    }

    test.each(
      (["token", "cookie"] as const).flatMap((carrier) =>
        Object.keys(deaths)
          // A cookie is no access token: its session lives on.
          .filter((death) => carrier === "token" || death !== "everything revoked")
          .map((death) => [carrier, death] as const),
      ),
    )(
      "LO-01, TI-09: a %s of %s opens no route and ends nothing",
      { timeout: 120_000 },
      async (carrier, death) => {
        const holder = await hold(carrier);
        const { email, headers, refreshToken } = holder;
        const isAlive = await app.inject({ url: "/me", headers });
        expect(isAlive.statusCode).toBe(200);
        const secret = await deaths[death]?.(app, store, holder);
        // Another instance's change is heard of within a moment.
        await expect
          .poll(async () => (await app.inject({ url: "/me", headers })).statusCode, { timeout: 20_000 })
          .toBe(401);

        const later = secret === undefined ? undefined : await login(app, email, secret);
        const sessions =
          later === undefined ? undefined : await app.inject({ url: "/me/sessions", headers: bearer(later) });
        const [mine] =
          sessions
            ?.json<{ sessions: { id: string; current: boolean }[] }>()
            .sessions.filter(({ current }) => current) ?? [];
        for (const [method, path, payload] of routes) {
          const url = path.replace("OTHER", mine?.id ?? "A".repeat(22));
          const response = await app.inject({
            method,
            url,
            headers,
            ...(payload === undefined ? {} : { payload }),
          });
          expect(response.statusCode, `${method} ${url} ${JSON.stringify(payload)}`).toBe(401);
        }
        // Its own session it may end once more, as who clicks twice does.
        const logout = await app.inject({ method: "POST", url: "/logout", headers });
        expect(logout.statusCode).toBe(carrier === "token" ? 204 : 401);
        if (refreshToken !== undefined && death !== "everything revoked")
          expect((await renew(app, refreshToken)).statusCode).toBe(400);
        if (later === undefined) return;
        // The person's later session has not noticed anything.
        expect((await app.inject({ url: "/me", headers: bearer(later) })).json()).toMatchObject({
          email,
          name: null,
        });
        expect((await renew(app, later.refresh_token)).statusCode).toBe(200);
      },
    );
  },
);
