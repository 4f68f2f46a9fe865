// The audit trail: one row per change, chained, so that no row can be altered, removed or added unnoticed.
import { sql } from "kysely";
import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Store } from "../database/store.ts";
import { chainHash } from "../../src/database/audit-event.ts";
import { createAuditSeal } from "../../src/database/audit-seal.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, openSession, times } from "../database/fixtures.ts";

describe.each(backends)("the audit trail on $name", (backend) => {
  async function storeWithTrail(): Promise<Store> {
    const store = await backend.open();
    for (let index = 1; index <= 5; index += 1) {
      await store.audit.record({
        event: "login_failed",
        address: `192.0.2.${index}`,
        detail: { reason: "password" },
      });
    }
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 5 });
    return store;
  }

  test("AU-01: says who did what to whom, when and from where", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    await store.accounts.setStatus(id, "disabled", { actorId: "root", address: "2001:db8::1" });
    expect(await store.audit.list({ limit: 1 })).toEqual([
      {
        seq: 2,
        atMs: clock.nowMs(),
        event: "account_disabled",
        actorId: "root",
        userId: id,
        sid: null,
        address: "2001:db8::1",
        detail: { endedSessions: 0 },
      },
    ]);
  });

  test("AU-01: is read in pages, newest first, of everyone or of one user", async () => {
    const store = await storeWithTrail();
    const { id } = await newAccount(store);
    const pages = [await store.audit.list({ limit: 4 }), await store.audit.list({ limit: 4, before: 3 })];
    expect(pages.map((page) => page.map(({ seq }) => seq))).toEqual([
      [6, 5, 4, 3],
      [2, 1],
    ]);
    expect((await store.audit.list({ limit: 4, userId: id })).map(({ seq }) => seq)).toEqual([6]);
  });

  test("AU-02: a change that is undone leaves no event, and an event that cannot be written undoes its change", async () => {
    const store = await storeWithTrail();
    const account = await newAccount(store);
    const written = store.dialect === "sqlite" ? "audit" : "unnumbered";
    await sql`drop table ${sql.table(written)}`.execute(store.db);
    await expect(store.accounts.changeName(account.id, "someone else")).rejects.toThrow(written);
    await expect(openSession(store, account.id)).rejects.toThrow(written);
    expect(await store.accounts.get(account.id)).toEqual(account);
    expect(await store.sessions.list(account.id)).toEqual([]);
  });

  test.each([
    ["altered", 3, "update audit set address = '198.51.100.1' where seq = 3"],
    ["altered", 3, "update audit set at = at + 1 where seq = 3"],
    ["altered", 2, `update audit set detail = '{}' where seq = 2`],
    ["altered", 4, "update audit set user_id = 'someone' where seq = 4"],
    ["altered", 5, "update audit set event = 'session_opened' where seq = 5"],
    ["missing", 1, "delete from audit where seq = 1"],
    ["missing", 3, "delete from audit where seq = 3"],
    ["missing", 5, "delete from audit where seq = 5"],
    ["missing", 1, "delete from audit"],
    ["journal", 4, "delete from audit where seq = 5; update journal set audit_seq = 4"],
    ["journal", 5, "update journal set audit_hash = (select hash from audit where seq = 4)"],
  ] as const)("AU-05: shows a row that is %s (%i): %s", async (problem, seq, statements) => {
    const store = await storeWithTrail();
    for (const statement of statements.split("; ")) await sql.raw(statement).execute(store.db);
    expect(await store.audit.verifyChain()).toEqual({ outcome: "broken", seq, problem });
  });

  test("AU-05: shows a row that was added behind the last", async () => {
    const store = await storeWithTrail();
    await sql`
      insert into audit (seq, at, event, detail, hash) select 6, at, event, detail, hash from audit where seq = 5
    `.execute(store.db);
    expect(await store.audit.verifyChain()).toEqual({ outcome: "broken", seq: 6, problem: "added" });
  });

  describe("under a seal", () => {
    const key = createSecretKey(randomBytes(32));

    async function sealedStore(): Promise<Store> {
      const store = await storeWithTrail();
      store.audit.sealWith(createAuditSeal(key));
      // What an earlier release recorded has no seal of its own.
      expect(await verify(store, false)).toMatchObject({ outcome: "intact", rows: 5, sealedRows: 0 });
      expect(await store.audit.sealNow({ isFirst: true })).toBe(true);
      await store.audit.record({ event: "login_failed" });
      expect(await verify(store)).toMatchObject({ outcome: "intact", rows: 6, sealedRows: 6 });
      return store;
    }
    const verify = (store: Store, isExpected = true) =>
      store.audit.verifyChain({ seal: createAuditSeal(key), isExpected });

    /** Deletes all rows after `kept`, and makes the rest agree with itself, as who has the database can. */
    async function cutTo(store: Store, kept: number): Promise<void> {
      await sql`delete from audit where seq > ${kept}`.execute(store.db);
      const last = await store.database.db
        .selectFrom("audit")
        .select("hash")
        .where("seq", "=", kept)
        .executeTakeFirst();
      await store.database.db
        .updateTable("journal")
        .set({ audit_seq: kept, audit_hash: last?.hash ?? "" })
        .execute();
    }

    test.each([0, 3, 5])("AU-05: a trail that was cut to %i events is not whole", async (kept) => {
      const store = await sealedStore();
      await cutTo(store, kept);
      expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: kept });
      expect(await verify(store)).toMatchObject({ outcome: "broken", problem: "seal" });
      // Neither what is recorded next nor the next start makes it whole again.
      await store.audit.record({ event: "login_failed" });
      expect(await verify(store)).toMatchObject({ outcome: "broken", problem: "seal" });
      expect(await store.audit.sealNow({ isFirst: false })).toBe(false);
      await sql`update journal set audit_seal = null, audit_seal_seq = null`.execute(store.db);
      await store.audit.record({ event: "login_failed" });
      expect(await store.audit.sealNow({ isFirst: false })).toBe(false);
      expect(await verify(store)).toMatchObject({ outcome: "broken", problem: "seal" });
    });

    test("AU-05: a trail that was written anew, hash by hash, is not whole", async () => {
      const store = await sealedStore();
      await sql`update audit set address = '198.51.100.1' where seq = 2`.execute(store.db);
      let hash = "";
      for (const row of await store.database.db.selectFrom("audit").selectAll().orderBy("seq").execute()) {
        hash = chainHash(hash, row);
        await store.database.db.updateTable("audit").set({ hash }).where("seq", "=", row.seq).execute();
      }
      await store.database.db.updateTable("journal").set({ audit_hash: hash }).execute();
      expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact" });
      expect(await verify(store)).toMatchObject({ outcome: "broken", problem: "seal" });
    });

    test("AU-05: what an instance of a release without seals adds is told, and sealed with the next event", async () => {
      const store = await sealedStore();
      const { audit_seal_seq, audit_seal } = await store.database.db
        .selectFrom("journal")
        .selectAll()
        .executeTakeFirstOrThrow();
      await store.audit.record({ event: "login_failed" });
      await store.database.seal();
      await store.database.db.updateTable("journal").set({ audit_seal_seq, audit_seal }).execute();
      expect(await verify(store)).toMatchObject({ outcome: "intact", rows: 7, sealedRows: 6 });
      await store.audit.record({ event: "login_failed" });
      expect(await verify(store)).toMatchObject({ outcome: "intact", rows: 8, sealedRows: 8 });
    });

    test("AU-05: another key's seal is none", async () => {
      const store = await sealedStore();
      const seal = createAuditSeal(createSecretKey(randomBytes(32)));
      expect(await store.audit.verifyChain({ seal, isExpected: true })).toMatchObject({ problem: "seal" });
    });
  });

  test("AU-02: of 60 changes at once over three instances the chain holds every one, in one order", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    const accounts = await Promise.all(times(20, (index) => newAccount(stores[index % 3] ?? store)));
    await Promise.all(accounts.map(({ id }, index) => openSession(stores[(index + 1) % 3] ?? store, id)));
    await Promise.all(accounts.map(({ id }, index) => (stores[index % 3] ?? store).accounts.delete(id)));
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 60 });
    const rows = await store.audit.list({ limit: 100 });
    for (const { id } of accounts) {
      const events = rows.filter(({ userId }) => userId === id).map(({ event }) => event);
      expect(events).toEqual(["account_deleted", "session_opened", "account_created"]);
    }
  });

  test("is proven in pages when it is long", async () => {
    const store = await backend.open();
    await store.database.change(async ({ record }) => {
      for (let index = 0; index < 1203; index += 1) record({ event: "login_failed", detail: { index } });
    });
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 1203 });
    await sql`update audit set detail = '{"index":0}' where seq = 1100`.execute(store.db);
    expect(await store.audit.verifyChain()).toEqual({ outcome: "broken", seq: 1100, problem: "altered" });
  });
});
