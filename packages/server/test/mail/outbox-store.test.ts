import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "./fixtures.ts";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };

async function rowsOf({ database }: Store): Promise<readonly { readonly sealed: Uint8Array }[]> {
  return database.db.selectFrom("outbox").selectAll().execute();
}

describe.each(backends)("the outbox on $name", (backend) => {
  test("ML-01: mail is written with the change that it is about, or not at all", async () => {
    const store = await backend.open();
    const { outbox, mailing } = mailOn(store);
    const account = await newAccount(store);
    await expect(
      store.database.change(async (change) => {
        await mailing.tell(change, { kind: "password_changed", userId: account.id });
        throw new TypeError("the change does not happen");
      }),
    ).rejects.toThrow("does not happen");
    expect(await rowsOf(store)).toEqual([]);
    await store.database.change((change) =>
      mailing.tell(change, { kind: "password_changed", userId: account.id }),
    );
    expect(await outbox.claim(1000)).toMatchObject({
      purpose: "password_changed",
      userId: account.id,
      content: { to: account.email },
      tries: 1,
    });
  });

  test("ML-02: of 64 workers at once one has a mail, and the others the rest", async () => {
    const instances = await backend.openInstances(3, patient);
    const [first] = instances;
    if (first === undefined) throw new TypeError("no instance");
    for (let count = 0; count < 5; count += 1) await mailOn(first).put();
    const claims = await Promise.all(
      times(64, (index) => mailOn(instances[index % 3] ?? first).outbox.claim(60_000)),
    );
    const ids = claims.flatMap((claim) => (claim === undefined ? [] : [claim.id]));
    expect(new Set(ids).size).toBe(ids.length);
    // A row that another instance holds is passed over, so a second look finds what is left.
    let rest = 5 - ids.length;
    while (rest > 0 && (await mailOn(first).outbox.claim(60_000)) !== undefined) rest -= 1;
    expect(rest).toBe(0);
    expect(await mailOn(first).outbox.claim(60_000)).toBeUndefined();
  });

  test("ML-02: a claim ends with its lease unless it is extended, and then is somebody else's", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { outbox, put } = mailOn(store);
    await put();
    const first = await outbox.claim(1000);
    if (first === undefined) throw new TypeError("no mail");
    clock.advanceMs(999);
    expect(await outbox.claim(1000)).toBeUndefined();
    expect(await outbox.extend(first, 1000)).toBe(true);
    clock.advanceMs(999);
    expect(await outbox.claim(1000)).toBeUndefined();
    clock.advanceMs(1);
    const second = await outbox.claim(1000);
    expect(second).toMatchObject({ id: first.id, tries: 2 });
    // Whoever had it first can change nothing about it, but that it was sent.
    expect(await outbox.extend(first, 1000)).toBe(false);
    await outbox.defer(first, 0);
    await outbox.fail(first, "unreachable");
    expect(await outbox.claim(1000)).toBeUndefined();
    expect(await outbox.failed(10)).toEqual([]);
    await outbox.remove(first.id);
    clock.advanceMs(1000);
    expect(await outbox.claim(1000)).toBeUndefined();
  });

  test("ML-03: who gets a mail stands in no row, and nothing is left of one that was sent", async () => {
    const store = await backend.open();
    const { outbox, put } = mailOn(store);
    const content = {
      to: "canary@example.com",
      addressKey: "canary@example.com",
      details: { browser: "canary-browser" },
    };
    await put({ content });
    const dump = JSON.stringify(
      (await rowsOf(store)).map((row) => ({ ...row, sealed: Buffer.from(row.sealed).toString("latin1") })),
    );
    expect(dump).not.toContain("canary");
    const claimed = await outbox.claim(1000);
    expect(claimed?.content).toEqual(content);
    await outbox.remove(claimed?.id ?? "");
    expect(await rowsOf(store)).toEqual([]);
  });

  test("ML-03: a row whose content was moved or changed fails, is not sent, and is in the trail", async () => {
    const store = await backend.open();
    const { outbox, put } = mailOn(store);
    await put();
    await sql`update ${sql.table("outbox")} set id = 'another'`.execute(store.database.db);
    expect(await outbox.claim(1000)).toBeUndefined();
    expect(await outbox.failed(10)).toMatchObject([{ id: "another", failure: "unreadable", tries: 1 }]);
    const [event] = await store.audit.list({ limit: 1 });
    expect(event).toMatchObject({
      event: "mail_failed",
      detail: { purpose: "test", reason: "unreadable", tries: 1 },
    });
  });

  test("ML-04: what failed is listed, retried one by one or all, and forgotten after a time", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { outbox, put } = mailOn(store);
    for (let count = 0; count < 3; count += 1) {
      await put();
      const claimed = await outbox.claim(1000);
      if (claimed !== undefined) await outbox.fail(claimed, "550 to RCPT TO");
    }
    expect(await outbox.waiting()).toBe(0);
    const [first] = await outbox.failed(10);
    expect(await outbox.retry(first?.id)).toBe(1);
    expect(await outbox.retry("unknown")).toBe(0);
    expect(await outbox.waiting()).toBe(1);
    expect(await outbox.claim(1000)).toMatchObject({ id: first?.id, tries: 1 });
    expect(await outbox.retry()).toBe(2);
    for (const _ of times(2, () => 0)) {
      const claimed = await outbox.claim(1000);
      if (claimed !== undefined) await outbox.fail(claimed, "550 to RCPT TO");
    }
    clock.advanceSeconds(86_400);
    expect(await outbox.prune(86_400_001)).toBe(0);
    expect(await outbox.prune(86_400_000)).toBe(2);
  });
});

describe.each(backends)("requests for mail on $name", (backend) => {
  test("ML-05: of 64 requests at once for an address and purpose three are sent, and three more in the next hour", async () => {
    const clock = createClock();
    const instances = await backend.openInstances(3, { ...patient, nowMs: clock.nowMs });
    const ask = (
      address = "ada@example.com",
      purpose: "reset_password" | "verify_address" = "reset_password",
    ) =>
      Promise.all(
        times(64, async (index) => {
          const store = instances[index % 3];
          if (store === undefined) throw new TypeError("no instance");
          const { requests } = mailOn(store);
          return store.database.change((change) => requests.take(change, purpose, address));
        }),
      ).then((taken) => taken.filter((isTaken) => isTaken).length);
    expect(await ask()).toBe(3);
    expect(await ask("grace@example.com")).toBe(3);
    expect(await ask("ada@example.com", "verify_address")).toBe(3);
    clock.advanceSeconds(3599);
    expect(await ask()).toBe(0);
    clock.advanceSeconds(1);
    expect(await ask()).toBe(3);
  });

  test("ML-05: notices to a proved address are not counted, and no more than three an hour go to another", async () => {
    const store = await backend.open();
    const { mailing, outbox } = mailOn(store);
    const account = await newAccount(store);
    const tell = () =>
      store.database.change((change) =>
        mailing.tell(change, { kind: "factor_added", factor: "totp", userId: account.id }),
      );
    for (let count = 0; count < 5; count += 1) await tell();
    expect(await outbox.waiting()).toBe(3);
    await store.database.db.updateTable("users").set({ email_verified_at: 1 }).execute();
    for (let count = 0; count < 5; count += 1) await tell();
    expect(await outbox.waiting()).toBe(8);
  });
});
