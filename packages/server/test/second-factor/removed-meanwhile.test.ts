// A factor that goes after it was shown, and before the session opens: what was right a moment ago opens nothing.
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Shown } from "../../src/second-factor/store.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import { createHasFactorStill, type FactorShown } from "../../src/sessions/factor-shown.ts";
import { createMemorySessions } from "../../src/sessions/memory-sessions.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, openSession, times } from "../database/fixtures.ts";

const carriers = ["tokens", "cookies", "cookies kept in memory"] as const;

const newHash = () => randomBytes(32).toString("base64url");

/** What was right about it. */
function factorOf(shown: Shown): FactorShown {
  if (shown.outcome !== "right") throw new TypeError(`it was ${shown.outcome}`);
  return shown.factor;
}

describe.each(backends)("on $name", (backend) => {
  async function setUp(carrier: (typeof carriers)[number]) {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id: userId } = await newAccount(store);
    const { sid } = await openSession(store, userId);
    const owner = { userId, asking: { sid }, origin: {} };
    const codes = times(10, newHash);
    let step = 0;
    const rightCode = () => (step += 1);
    const addTotp = async () => {
      clock.advanceMs(1);
      await store.secondFactors.beginTotp(owner, Buffer.from("sealed"));
      expect(await store.secondFactors.confirmTotp(owner, rightCode, codes)).toMatchObject({
        outcome: "confirmed",
      });
    };
    await addTotp();

    const sessionStore =
      carrier === "cookies kept in memory"
        ? createMemorySessions({
            ...store,
            limits: defaultSessionLimits,
            nowMs: clock.nowMs,
            hasFactorStill: createHasFactorStill(store.database),
          })
        : createDatabaseSessions(store.sessions);
    /** Whether a session opens for somebody who has shown this. */
    const opens = async (factor: FactorShown): Promise<boolean> => {
      const session = {
        userId,
        passwordVersion: 1,
        factor,
        device: { userAgent: null, address: null },
        amr: ["pwd", "otp", "mfa"],
        clientId: "first-party",
      };
      if (carrier !== "tokens")
        return (await sessionStore.open({ secretHash: newHash() }, session, {})) !== undefined;
      const { outcome } = await store.sessions.open({ ...session, carrier: { kind: "token" } });
      return outcome === "opened";
    };
    const showTotp = async () =>
      factorOf(await store.secondFactors.showTotp(userId, rightCode, undefined, {}));
    const showCode = async () =>
      factorOf(await store.secondFactors.showRecoveryCode(userId, codes.pop(), undefined, {}));
    return { store, clock, owner, addTotp, opens, showTotp, showCode };
  }

  describe.each(carriers)("RC-09: of a login for %s", (carrier) => {
    test("an authenticator app that is removed, or replaced by another, after its code was taken opens nothing", async () => {
      const { store, owner, addTotp, opens, showTotp } = await setUp(carrier);
      const shown = await showTotp();
      expect(await opens(shown)).toBe(true);
      await store.secondFactors.removeTotp(owner);
      expect(await opens(shown)).toBe(false);
      await addTotp();
      expect(await opens(shown)).toBe(false);
      expect(await opens(await showTotp())).toBe(true);
    });

    test("a recovery code opens nothing once it was made void by new ones, or went with the last factor", async () => {
      const { store, clock, owner, opens, showCode } = await setUp(carrier);
      const [shown, later] = [await showCode(), await showCode()];
      expect(await opens(shown)).toBe(true);
      clock.advanceMs(1001);
      const codes = times(10, newHash);
      await store.secondFactors.renewCodes(owner, codes);
      expect(await opens(later)).toBe(false);
      const { userId } = owner;
      const last = factorOf(await store.secondFactors.showRecoveryCode(userId, codes[0], undefined, {}));
      await store.secondFactors.removeTotp(owner);
      expect(await opens(last)).toBe(false);
    });

    test("of 64 that have shown it, none is let in once it is removed, and nobody by half", async () => {
      const { store, owner, opens, showTotp } = await setUp(carrier);
      const shown = await showTotp();
      let isGone = false;
      const late: boolean[] = [];
      const removal = store.secondFactors.removeTotp(owner).then(() => void (isGone = true));
      await Promise.all([
        removal,
        ...times(64, async (index) => {
          if (index % 2 === 0) await removal;
          const isLate = isGone;
          const isOpen = await opens(shown);
          if (isLate) late.push(isOpen);
        }),
      ]);
      expect(late.length).toBeGreaterThanOrEqual(32);
      expect(late).not.toContain(true);
    });
  });
});
