import { describe, expect, test } from "vitest";
import { createEmailVerificationStore } from "../../src/email-verification/store.ts";
import { createPasswordResetStore } from "../../src/password-reset/store.ts";
import { factorRemoval } from "../../src/second-factor/removal-store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "../database/backends.ts";
import { eventsOf, newAccount, openSession, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "../mail/fixtures.ts";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };
const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };

async function setUp(store: Store) {
  const { codes, mailing } = mailOn(store);
  const account = await newAccount(store);
  const options = { limits, mailing, otherCredentials: factorRemoval, isFor: codes.isFor };
  const verifications = createEmailVerificationStore(store.database, options);
  const resets = createPasswordResetStore(store.database, { ...options, notices: mailing });
  const codeFor = async (purpose: "verify_address" | "reset_password" = "verify_address") => {
    const made = { purpose, addressKey: account.email, userId: account.id, passwordVersion: 1 };
    const { token } = await codes.make({ ...made, lifetimeMs: 60_000 });
    return (await codes.find({ token }, [purpose])).found;
  };
  const credentials = () => store.accounts.credentials(account.id);
  return { account, verifications, resets, codeFor, credentials };
}

describe.each(backends)("confirmed addresses on $name", (backend) => {
  test("RC-03: of 64 codes of one account at once one counts, and the others void nothing", async () => {
    const [store] = (await backend.openInstances(1, patient)) as [Store];
    const { account, verifications, codeFor } = await setUp(store);
    const codes = await Promise.all(times(64, () => codeFor()));
    const results = await Promise.all(
      codes.map((code, index) =>
        verifications.verify(code, index === 0 ? { by: "none" } : { by: "password", passwordVersion: 1 }, {}),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === "verified")).toHaveLength(1);
    const events = await eventsOf(store, account.id);
    expect(events.filter((event) => event === "email_verified")).toHaveLength(1);
  });

  test("EV-02: without a proof the account has no password, no session and no known device", async () => {
    const store = await backend.open();
    const { account, verifications, codeFor, credentials } = await setUp(store);
    await openSession(store, account.id);
    const before = await credentials();
    expect(await verifications.verify(await codeFor(), { by: "none" }, {})).toEqual({
      outcome: "verified",
      passwordVoided: true,
    });
    expect(await credentials()).toMatchObject({
      passwordHash: "",
      passwordVersion: (before?.passwordVersion ?? 0) + 1,
      deviceEpoch: (before?.deviceEpoch ?? 0) + 1,
      secondFactor: false,
    });
    expect(await store.sessions.list(account.id)).toEqual([]);
  });

  test("EV-02: a proof that is over when it counts confirms nothing", async () => {
    const store = await backend.open();
    const { account, verifications, codeFor, credentials } = await setUp(store);
    const { sid } = await openSession(store, account.id);
    await store.sessions.end({ sid, userId: account.id }, "logout");
    const outcomes = [];
    for (const proof of [
      { by: "session", asking: { sid } },
      { by: "password", passwordVersion: 7 },
      { by: "device", deviceEpoch: 7 },
    ] as const)
      outcomes.push((await verifications.verify(await codeFor(), proof, {})).outcome);
    expect(outcomes).toEqual(["logged_out", "over", "over"]);
    expect((await credentials())?.account.emailVerifiedAtMs).toBeNull();
    expect((await credentials())?.passwordHash).toBe("hash 1");
  });

  test("EV-02: an older mail voids nothing once the address was proved by another", async () => {
    const store = await backend.open(patient);
    const { verifications, resets, codeFor, credentials } = await setUp(store);
    const [older, reset] = [await codeFor(), await codeFor("reset_password")];
    const [verified, set] = await Promise.all([
      verifications.verify(older, { by: "none" }, {}),
      resets.reset({ code: reset, newHash: "reset" }, {}),
    ]);
    // Whichever came first, what it proved stands, and the other one did nothing.
    expect([verified.outcome, set.outcome].toSorted()).toEqual(
      set.outcome === "reset" ? ["over", "reset"] : ["over", "verified"],
    );
    expect((await credentials())?.passwordHash).toBe(set.outcome === "reset" ? "reset" : "");
  });
});
