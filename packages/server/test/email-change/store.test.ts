import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createEmailChangeStore } from "../../src/email-change/store.ts";
import { factorRemoval } from "../../src/second-factor/removal-store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "../mail/fixtures.ts";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };
const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };
const proof = { by: "password", passwordVersion: 1 } as const;

function setUp(store: Store) {
  const { codes, mailing, outbox } = mailOn(store);
  const changes = createEmailChangeStore(store.database, {
    limits,
    mailing,
    otherCredentials: factorRemoval,
  });
  const codeTo = async (userId: string, address: string) => {
    const made = { addressKey: address, userId, passwordVersion: 1, subject: address, lifetimeMs: 60_000 };
    const { token } = await codes.make({ purpose: "confirm_address", ...made });
    return (await codes.find({ token }, ["confirm_address"])).found;
  };
  const provedAccount = async () => {
    const account = await newAccount(store);
    await sql`update users set email_verified_at = 1 where id = ${account.id}`.execute(store.db);
    return account;
  };
  const undoCode = async (userId: string, addressKey: string) => {
    const row = await store.database.db
      .selectFrom("address_changes")
      .select("id")
      .where("email_key", "=", addressKey)
      .executeTakeFirstOrThrow();
    const made = { addressKey, userId, subject: row.id, lifetimeMs: 30 * 86_400_000 };
    const token = await codes.makeLink({ purpose: "undo_address", ...made });
    return (await codes.find({ token }, ["undo_address"])).found;
  };
  const emailOf = async (userId: string) => (await store.accounts.get(userId))?.email;
  return { changes, codeTo, provedAccount, undoCode, emailOf, outbox };
}

const sign = (store: Store, email: string) =>
  store.accounts.create({ email, emailKey: email, name: null, passwordHash: "hash", roles: ["user"] });

describe.each(backends)("changes of address on $name", (backend) => {
  test("EC-01: of 64 accounts that confirm one address at once, one has it", async () => {
    const [store] = (await backend.openInstances(1, patient)) as [Store];
    const { changes, codeTo, provedAccount, emailOf } = setUp(store);
    const codes = await Promise.all(
      times(64, async () => codeTo((await provedAccount()).id, "one@example.com")),
    );
    const results = await Promise.all(codes.map((code) => changes.confirm(code, proof, {})));
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "changed")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "email_taken")).toHaveLength(63);
    const winner = codes[outcomes.indexOf("changed")];
    expect(await emailOf(winner?.userId ?? "")).toBe("one@example.com");
  });

  test("EC-01: of 64 uses of one confirmation at once, one changes the address", async () => {
    const [store] = (await backend.openInstances(1, patient)) as [Store];
    const { changes, codeTo, provedAccount } = setUp(store);
    const { id } = await provedAccount();
    const code = await codeTo(id, "one@example.com");
    const results = await Promise.all(times(64, () => changes.confirm(code, proof, {})));
    expect(results.filter(({ outcome }) => outcome === "changed")).toHaveLength(1);
    const { count } = await store.database.db
      .selectFrom("address_changes")
      .select((on) => on.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1);
  });

  test("EC-03: whoever signs up with an address at the moment that it is left never has it", async () => {
    const store = await backend.open(patient);
    const { changes, codeTo, provedAccount } = setUp(store);
    for (const round of times(12, (index) => index)) {
      const { id, email } = await provedAccount();
      const code = await codeTo(id, `new${round}@example.com`);
      const [changed, signed] = await Promise.all([changes.confirm(code, proof, {}), sign(store, email)]);
      expect([changed.outcome, signed.outcome]).toEqual(["changed", "email_taken"]);
    }
  });

  test("EC-02: of 64 undos at once one counts; after 7 days none does, and the address is free", async () => {
    const clock = createClock();
    const [store] = (await backend.openInstances(1, { ...patient, nowMs: clock.nowMs })) as [Store];
    const { changes, codeTo, provedAccount, undoCode, emailOf } = setUp(store);
    const first = await provedAccount();
    await changes.confirm(await codeTo(first.id, "one@example.com"), proof, {});
    const undo = await undoCode(first.id, first.email);
    const results = await Promise.all(times(64, () => changes.undo(undo, {})));
    expect(results.filter(({ outcome }) => outcome === "undone")).toHaveLength(1);
    expect(await emailOf(first.id)).toBe(first.email);

    const second = await provedAccount();
    await changes.confirm(await codeTo(second.id, "two@example.com"), proof, {});
    const late = await undoCode(second.id, second.email);
    clock.advanceSeconds(7 * 86_400);
    expect((await changes.undo(late, {})).outcome).toBe("over");
    expect((await sign(store, second.email)).outcome).toBe("created");
    expect(await changes.prune()).toBe(1);
  });

  test("EC-02: recovery codes and passkeys that are older stay, and newer ones go", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { changes, codeTo, provedAccount, undoCode } = setUp(store);
    const { id, email } = await provedAccount();
    const add = async (name: string) => {
      const key = `${name} of ${id}`;
      await store.database.db
        .insertInto("passkeys")
        .values({
          id: key,
          user_id: id,
          name,
          public_key: Buffer.from("key"),
          counter: 0,
          transports: "[]",
          backup_eligible: 0,
          backed_up: 0,
          created_at: clock.nowMs(),
          last_used_at: null,
        })
        .execute();
      const code = { user_id: id, hash: name, created_at: clock.nowMs() };
      await store.database.db.insertInto("recovery_codes").values(code).execute();
    };
    await sql`update users set second_factor = 1 where id = ${id}`.execute(store.db);
    await add("old");
    clock.advanceSeconds(60);
    await changes.confirm(await codeTo(id, "one@example.com"), proof, {});
    clock.advanceSeconds(60);
    await add("new");
    await changes.undo(await undoCode(id, email), {});
    expect(await store.secondFactors.state(id)).toMatchObject({
      required: true,
      passkeys: 1,
      recoveryCodes: 1,
    });
    const { passwordHash } = (await store.accounts.credentials(id)) ?? {};
    expect(passwordHash).toBe("");
  });
});
