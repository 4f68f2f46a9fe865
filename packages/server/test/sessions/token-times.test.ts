// When tokens are dated and when they end, whatever the clock does: no older roles after new ones, no
// token after its session.
import { decode } from "@countersign/token";
import { describe, expect, test } from "vitest";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";
import type { SessionGrant } from "../../src/sessions/session.ts";
import { bearer, login, newAccount as signUp, renew, startApp, type Tokens } from "../app.ts";
import { backends } from "../database/backends.ts";
import { createClock, isRevoked, newAccount, openSession } from "../database/fixtures.ts";
import { createDice } from "./dice.ts";

const longestLife = 900;

describe.each(backends)("tokens on $name", (backend) => {
  test.each([1, 2, 3, 4, 5, 6])(
    "LO-02, RR-06: new roles kill every token that states older ones and no newer one, in the same second too, and with a clock that is set back, however far (seed %i)",
    async (seed) => {
      const dice = createDice(seed);
      const clock = createClock();
      const store = await backend.open({ nowMs: clock.nowMs });
      const { id } = await newAccount(store, ["role 0"]);
      let session = await openSession(store, id);
      let generation = 0;
      let role = 0;
      /** What each token states; an outdated one counts as if it stated older roles. */
      const grants: { readonly grant: SessionGrant; role: number }[] = [];
      for (let step = 0; step < 60; step += 1) {
        const jumps = [0, 1, 400, 1000, 9000, 60_000, -1, -1000, -4000, -6000, -30_000, -400_000];
        clock.advanceMs(dice.among(jumps));
        if (dice.chance(0.25)) {
          role += 1;
          await store.accounts.setRoles(id, [`role ${role}`]);
        } else if (dice.chance(0.1)) {
          await revokeEverything(store.database);
          for (const each of grants) each.role = Math.min(each.role, role - 1);
        } else {
          const presented = dice.chance(0.3) ? Math.max(0, generation - 1) : generation;
          const renewal = await store.sessions.renew({ sid: session.sid, generation: presented });
          if (renewal.outcome === "renewed" || renewal.outcome === "repeated") {
            generation = renewal.generation;
            grants.push({ grant: renewal.grant, role });
          } else {
            session = await openSession(store, id);
            generation = 0;
            grants.push({ grant: session, role });
          }
          const newest = grants.at(-1)?.grant;
          if (newest === undefined) continue;
          expect(newest.roles).toEqual([`role ${role}`]);
          expect(await isRevoked(store, newest.sid, newest.issuedAt), `step ${step}`).toBe(false);
        }
        for (const { grant, role: stated } of grants) {
          // Whoever is expired needs no revocation.
          if (stated < role && grant.issuedAt + longestLife > clock.nowMs() / 1000)
            expect(await isRevoked(store, grant.sid, grant.issuedAt), `step ${step}`).toBe(true);
        }
      }
    },
  );

  test("RR-05: a grant says when its session ends, by whichever limit comes first", async () => {
    const clock = createClock();
    const limits = { idleSeconds: 600, absoluteSeconds: 1000 };
    const store = await backend.open({ nowMs: clock.nowMs, sessions: limits });
    const { id } = await newAccount(store);
    const startedAt = clock.nowMs() / 1000;
    const { sid, endsAt } = await openSession(store, id);
    expect(endsAt).toBe(startedAt + 600);
    clock.advanceSeconds(500);
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({
      grant: { endsAt: startedAt + 1000 },
    });
  });
});

test("RR-05: no access token outlives its session, and expires_in says how long it is good for", async () => {
  const app = await startApp({ sessionAbsoluteSeconds: 60, sessionIdleSeconds: 60 });
  await signUp(app);
  const judge = (tokens: Tokens): void => {
    const { exp, iat, auth_time: loggedInAt } = decode(tokens.access_token).payload as Record<string, number>;
    // Verifiers go on for five seconds after it.
    expect(exp).toBeLessThanOrEqual((loggedInAt ?? 0) + 60 - 5 + 1);
    expect(tokens.expires_in).toBeLessThanOrEqual(60);
    expect(tokens.expires_in).toBe((exp ?? 0) - (iat ?? 0));
  };
  const tokens = await login(app);
  judge(tokens);
  judge((await renew(app, tokens.refresh_token)).json());
  expect((await app.inject({ url: "/me", headers: bearer(tokens) })).statusCode).toBe(200);
});
