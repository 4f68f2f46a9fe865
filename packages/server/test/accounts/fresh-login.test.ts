// What ends an account or moves its mail: for who shows the password, or has just logged in at the highest level.
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { bearer, login, newAccount, password, renew, type Tokens } from "../app.ts";
import { startMailedApp } from "../mail/mailed-app.ts";
import { protect } from "../second-factor/factors.ts";

const changes = [
  { method: "POST", url: "/me/email", body: { new_email: "new@example.com" }, done: 202 },
  { method: "DELETE", url: "/me", body: {}, done: 204 },
] as const;

/** Tokens of a login that is an hour old. */
async function oldLogin(app: FastifyInstance): Promise<Tokens> {
  const { refresh_token: token } = await login(app);
  await sql`update sessions set authenticated_at = authenticated_at - 3600000`.execute(app.auth.database);
  return (await renew(app, token)).json<Tokens>();
}

describe.each(["SQLite", "PostgreSQL"] as const)("on %s", (database) => {
  describe.each(changes)("UP-06: $method $url", ({ method, url, body, done }) => {
    async function start() {
      const { app } = await startMailedApp(database);
      await newAccount(app);
      const ask = (tokens: Tokens, shown: object = {}) =>
        app.inject({ method, url, headers: bearer(tokens), payload: { ...body, ...shown } });
      const stepUp = async (tokens: Tokens, payload: object): Promise<Tokens> =>
        (
          await app.inject({ method: "POST", url: "/login/step-up", headers: bearer(tokens), payload })
        ).json<Tokens>();
      return { app, ask, stepUp };
    }

    test("an old login needs the password, or a step-up", async () => {
      const { app, ask, stepUp } = await start();
      const old = await oldLogin(app);
      const refused = await ask(old);
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([
        401,
        "authentication_too_old",
      ]);
      expect(refused.headers["www-authenticate"]).toBe(
        'Bearer error="insufficient_user_authentication", max_age="300"',
      );
      expect((await ask(old, { current_password: "not the violin ledger" })).statusCode).toBe(403);
      const raised = await stepUp(old, { factor: "password", password });
      expect((await ask(raised)).statusCode).toBe(done);
    });

    test("an old login with the password will do", async () => {
      const { app, ask } = await start();
      expect((await ask(await oldLogin(app), { current_password: password })).statusCode).toBe(done);
    });

    test("a login of just now will do, also for an account that has no password", async () => {
      const { app, ask } = await start();
      const tokens = await login(app);
      await sql`update users set password_hash = ''`.execute(app.auth.database);
      expect((await ask(tokens, { current_password: password })).statusCode).toBe(403);
      expect((await ask(tokens)).statusCode).toBe(done);
    });

    test("with a second factor neither the password nor a fresh login is enough, unless the factor was shown", async () => {
      const { app, ask, stepUp } = await start();
      const before = await login(app);
      const { authenticator } = await protect(app);
      for (const shown of [{}, { current_password: password }]) {
        const answer = await ask(before, shown);
        expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([401, "factor_missing"]);
      }
      const raised = await stepUp(before, { factor: "totp", code: authenticator.code() });
      expect((await ask(raised)).statusCode).toBe(done);
    });
  });
});
