import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createPasswordResetStore } from "../../src/password-reset/store.ts";
import { factorRemoval } from "../../src/second-factor/removal-store.ts";
import { backends } from "../database/backends.ts";
import { eventsOf, newAccount, openSession, times, tryOpen } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "../mail/fixtures.ts";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };

async function setUp(store: Store) {
  const { codes, mailing, outbox } = mailOn(store);
  const account = await newAccount(store);
  const resets = createPasswordResetStore(store.database, {
    notices: mailing,
    otherCredentials: factorRemoval,
    isFor: codes.isFor,
  });
  const codeFor = async (addressKey = account.email, passwordVersion = 1) => {
    const made = { purpose: "reset_password", addressKey, userId: account.id, passwordVersion } as const;
    const { token } = await codes.make({ ...made, lifetimeMs: 60_000 });
    return (await codes.find({ token }, ["reset_password"])).found;
  };
  const stored = async () => (await store.accounts.credentials(account.id))?.passwordHash;
  return { codes, account, resets, codeFor, outbox, stored };
}

describe.each(backends)("resets on $name", (backend) => {
  test("RC-01: of 64 with one code at once, one sets its password", async () => {
    const instances = await backend.openInstances(3, patient);
    const [first] = instances as [Store];
    const { account, codeFor, stored } = await setUp(first);
    const code = await codeFor();
    const sets = await Promise.all(
      times(64, (index) => {
        const { database } = instances[index % instances.length] ?? first;
        const store = createPasswordResetStore(database, {
          notices: mailOn({ ...first, database }).mailing,
          otherCredentials: factorRemoval,
          isFor: () => true,
        });
        return store.reset({ code, newHash: `hash of ${index}` }, {});
      }),
    );
    const won = sets.flatMap(({ outcome }, index) => (outcome === "reset" ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await stored()).toBe(`hash of ${won[0]}`);
    expect((await eventsOf(first, account.id)).filter((event) => event === "password_reset")).toHaveLength(1);
  });

  test("RC-03: of 64 codes of one account at once, one sets its password", async () => {
    const [store] = (await backend.openInstances(1, patient)) as [Store];
    const { codeFor, resets, stored } = await setUp(store);
    const codes = await Promise.all(times(64, () => codeFor()));
    const sets = await Promise.all(
      codes.map((code, index) => resets.reset({ code, newHash: `hash of ${index}` }, {})),
    );
    const won = sets.flatMap(({ outcome }, index) => (outcome === "reset" ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await stored()).toBe(`hash of ${won[0]}`);
  });

  test("RC-05: a reset that races a change of the password comes before it, or never", async () => {
    const store = await backend.open(patient);
    const { account, codeFor, resets, stored } = await setUp(store);
    const code = await codeFor();
    const change = { userId: account.id, passwordVersion: 1, newHash: "changed" };
    const [reset, changed] = await Promise.all([
      resets.reset({ code, newHash: "reset" }, {}),
      store.accounts.changePassword(change),
    ]);
    expect([reset.outcome, changed.outcome].toSorted()).toEqual(
      reset.outcome === "reset" ? ["outdated", "reset"] : ["changed", "over"],
    );
    expect(await stored()).toBe(reset.outcome === "reset" ? "reset" : "changed");
  });

  test("RC-01: a code is over once the password, the address or the status is another", async () => {
    const store = await backend.open();
    const { account, codeFor, resets, stored } = await setUp(store);
    const outcomeOf = async (code: Awaited<ReturnType<typeof codeFor>>) =>
      (await resets.reset({ code, newHash: "reset" }, {})).outcome;
    expect(await outcomeOf(await codeFor("elsewhere@example.com"))).toBe("over");
    expect(await outcomeOf(await codeFor(account.email, 7))).toBe("over");
    const code = await codeFor();
    await store.accounts.setStatus(account.id, "disabled");
    expect(await outcomeOf(code)).toBe("over");
    const ofNow = await codeFor(account.email, 2);
    expect(await outcomeOf(ofNow)).toBe("over");
    expect(await stored()).toBe("hash 1");
  });

  test("RC-05: every session ends with it, no device is known, and a login that was checked before opens nothing", async () => {
    const store = await backend.open();
    const { account, codeFor, resets, outbox } = await setUp(store);
    const { sid } = await openSession(store, account.id);
    const before = await store.accounts.credentials(account.id);
    const result = await resets.reset({ code: await codeFor(), newHash: "reset" }, { address: "192.0.2.1" });
    expect(result).toEqual({ outcome: "reset", deviceEpoch: (before?.deviceEpoch ?? 0) + 1 });
    expect(await store.sessions.list(account.id)).toEqual([]);
    expect((await store.revocations.snapshot()).sessions.map((each) => each.sid)).toEqual([sid]);
    expect((await tryOpen(store, account.id, 1)).outcome).toBe("refused");
    expect((await tryOpen(store, account.id, 2)).outcome).toBe("opened");
    expect((await store.accounts.get(account.id))?.emailVerifiedAtMs).not.toBeNull();
    expect(await outbox.waiting()).toBe(1);
  });

  test("RC-06: factors and passkeys go where the address was never proved, and stay where it was", async () => {
    const store = await backend.open();
    for (const isProved of [false, true]) {
      const { account, codeFor, resets } = await setUp(store);
      const [id, bytes] = [account.id, Buffer.from("secret")];
      if (isProved) await sql`update users set email_verified_at = 1 where id = ${id}`.execute(store.db);
      await sql`update users set second_factor = 1 where id = ${id}`.execute(store.db);
      await sql`insert into totp values (${id}, ${bytes}, 1, 1, 0)`.execute(store.db);
      await sql`insert into recovery_codes (user_id, hash) values (${id}, ${"h"})`.execute(store.db);
      await store.database.db
        .insertInto("passkeys")
        .values({
          id: `key of ${id}`,
          user_id: id,
          name: "a key",
          public_key: bytes,
          counter: 0,
          transports: "[]",
          backup_eligible: 0,
          backed_up: 0,
          created_at: 1,
          last_used_at: null,
        })
        .execute();
      expect((await resets.reset({ code: await codeFor(), newHash: "reset" }, {})).outcome).toBe("reset");
      const left = { required: isProved, totp: isProved, passkeys: isProved ? 1 : 0 };
      expect(await store.secondFactors.state(id)).toMatchObject({
        ...left,
        recoveryCodes: isProved ? 1 : 0,
      });
    }
  });
});
