// A database that is busy, full of others, or gone: told in time, and forgotten as soon as it is back.
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStore, type Store, type StoreOptions } from "./store.ts";
import { startTcpProxy, type TcpProxy } from "../feed/tcp-proxy.ts";
import { newPostgresUrl } from "../postgres.ts";
import { newAccount, openSession, times } from "./fixtures.ts";

const statementTimeoutMs = 1000;
/** When the server gives a statement up. */
const serverMs = 750;
/** For a test process that is busy with something else; `store-loss.test.ts` holds the timeout itself, over HTTP. */
const busyMs = 250;

/** A store, and a connection beside it; `name` is what the server calls the store's connections. */
async function openPair(
  options: Partial<StoreOptions> = {},
): Promise<{ store: Store; client: pg.Client; name: string }> {
  const name = `store ${randomBytes(6).toString("hex")}`;
  const url = `${await newPostgresUrl()}&application_name=${encodeURIComponent(name)}`;
  const store = await openStore({ url, statementTimeoutMs, ...options });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await store.close();
  });
  return { store, client, name };
}

/** A store that reaches its database through a network that can fail. */
async function openBehindProxy(): Promise<{ store: Store; proxy: TcpProxy }> {
  const url = new URL(await newPostgresUrl());
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const store = await openStore({ url: url.href, statementTimeoutMs });
  onTestFinished(async () => {
    proxy.heal();
    await store.close();
    await proxy.close();
  });
  return { store, proxy };
}

/** The code with which a verb failed, and after how long. */
async function failure(verb: Promise<unknown>): Promise<{ code: unknown; afterMs: number }> {
  const begin = performance.now();
  const error = await verb.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : error;
  return { code, afterMs: performance.now() - begin };
}

describe("PostgreSQL, unavailable", () => {
  test("TP-05: a row that somebody else holds is waited for as long as the server lets a statement wait, and no longer", async () => {
    const { store, client } = await openPair();
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    await client.query("begin");
    await client.query("select * from sessions where sid = $1 for update", [sid]);
    const { code, afterMs } = await failure(store.sessions.renew({ sid, generation: 0 }));
    expect(code).toBe("unavailable");
    expect(afterMs).toBeGreaterThan(serverMs - 50);
    expect(afterMs).toBeLessThan(statementTimeoutMs + busyMs);
    await client.query("rollback");
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
  });

  test("TP-05: an instance that holds the journal for too long is cut off, and the others go on", async () => {
    const { store } = await openPair();
    const frozen = store.database.change(async ({ db, record }) => {
      await db.selectFrom("journal").selectAll().forUpdate().execute();
      record({ event: "login_failed" });
      await new Promise((resolve) => setTimeout(resolve, 3 * statementTimeoutMs));
    });
    const outcome = failure(frozen);
    await expect
      .poll(async () => (await failure(store.audit.record({ event: "login_failed" }))).code, {
        timeout: 10_000,
      })
      .toBeUndefined();
    expect(await outcome).toMatchObject({ code: "unavailable" });
    expect(await store.audit.list({ limit: 10 })).toHaveLength(1);
  });

  test("MI-03: of two changes that block each other, the one that the server undoes is done again", async () => {
    const { store } = await openPair({ statementTimeoutMs: 10_000 });
    const accounts = [await newAccount(store), await newAccount(store)];
    let [runs, held] = [0, 0];
    const bothHold = Promise.withResolvers<void>();
    const rename = (ids: readonly string[]): Promise<void> =>
      store.database.change(async ({ db }) => {
        runs += 1;
        for (const id of ids) {
          await db.updateTable("users").set({ name: "renamed" }).where("id", "=", id).execute();
          // Each holds its first row before one asks for the other's.
          held += 1;
          if (held === 2) bothHold.resolve();
          await bothHold.promise;
        }
      });
    const ids = accounts.map(({ id }) => id);
    await Promise.all([rename(ids), rename(ids.toReversed())]);
    // Twice, and once again for each that was undone.
    expect(runs).toBeGreaterThan(2);
    for (const id of ids) expect(await store.accounts.get(id)).toMatchObject({ name: "renamed" });
  });

  test("TP-05: with all connections taken a verb waits for one no longer than for a statement", async () => {
    const { store, client } = await openPair({ connections: 2 });
    const { id } = await newAccount(store);
    const sessions = await Promise.all(times(2, () => openSession(store, id)));
    await client.query("begin");
    await client.query("select * from sessions for update");
    const held = sessions.map(({ sid }) => failure(store.sessions.renew({ sid, generation: 0 })));
    const { code, afterMs } = await failure(store.ready());
    expect(code === "unavailable" || code === undefined).toBe(true);
    expect(afterMs).toBeLessThan(statementTimeoutMs + busyMs);
    for (const { code: heldCode } of await Promise.all(held)) expect(heldCode).toBe("unavailable");
    await client.query("rollback");
    await store.ready();
  });

  test("R-02: connections that the server ends are replaced, and nothing in the process falls over", async () => {
    const { store, client, name } = await openPair();
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    for (let round = 0; round < 5; round += 1) {
      // Some in use, some idle.
      const verbs = times(8, () => failure(store.accounts.get(id)));
      const others = "application_name = $1 and pid <> pg_backend_pid()";
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`, [name]);
      for (const { code } of await Promise.all(verbs)) expect([undefined, "unavailable"]).toContain(code);
      await expect.poll(async () => (await failure(store.ready())).code, { timeout: 5000 }).toBeUndefined();
    }
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
  });

  test("R-06: a network that falls silent half way through a change costs one timeout, not one more to undo it", async () => {
    const { store, proxy } = await openBehindProxy();
    const { code, afterMs } = await failure(
      store.database.change(async ({ db, record }) => {
        record({ event: "login_failed" });
        await db.selectFrom("users").select("id").execute();
        proxy.swallow();
        await db.selectFrom("users").select("id").execute();
      }),
    );
    expect(code).toBe("unavailable");
    expect(afterMs).toBeLessThan(statementTimeoutMs + busyMs);
    proxy.heal();
    await expect.poll(async () => (await failure(store.ready())).code, { timeout: 5000 }).toBeUndefined();
    expect(await store.audit.list({ limit: 10 })).toEqual([]);
  });

  test("R-06: on a slow network all steps of a change have one timeout together, and nothing of it is kept", async () => {
    const { store, proxy } = await openBehindProxy();
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    const before = await store.audit.list({ limit: 10 });
    proxy.delay(0.4 * statementTimeoutMs);
    // A renewal is one statement.
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
    // Here each step is well within a statement's time: begin, end, journal, trail, feed and commit together are not.
    const { code, afterMs } = await failure(store.sessions.end({ sid, userId: id }, "logout"));
    expect(code).toBe("unavailable");
    expect(afterMs).toBeLessThan(statementTimeoutMs + busyMs);
    proxy.heal();
    await expect.poll(async () => (await failure(store.ready())).code, { timeout: 5000 }).toBeUndefined();
    expect(await store.audit.list({ limit: 10 })).toEqual(before);
    expect(await store.sessions.renew({ sid, generation: 1 })).toMatchObject({ outcome: "renewed" });
  });

  test("an app's own transaction may take longer than a verb, as long as no statement does", async () => {
    const { store, proxy } = await openBehindProxy();
    proxy.delay(0.4 * statementTimeoutMs);
    const begin = performance.now();
    await store.db.transaction().execute(async (trx) => {
      for (let count = 0; count < 5; count += 1) await sql`select 1`.execute(trx);
    });
    expect(performance.now() - begin).toBeGreaterThan(statementTimeoutMs);
  });

  test("R-06: a server that is not there, or does not answer, is told in time", async () => {
    const url = new URL(await newPostgresUrl());
    url.port = "1";
    expect(await failure(openStore({ url: url.href }))).toMatchObject({ code: "unavailable" });
  });

  test("MI-02: a server that is read-only, as a standby is, is not asked for anything", async () => {
    const { store, client, name } = await openPair();
    const { id } = await newAccount(store);
    const url = new URL(await newPostgresUrl());
    const settings = `${url.searchParams.get("options")} -c default_transaction_read_only=on`;
    url.searchParams.set("options", settings);
    await expect(openStore({ url: url.href })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("must lead to the primary"),
    });

    // A failover: connections break, and what they come back to is the standby.
    const reader = `reader_${randomBytes(6).toString("hex")}`;
    const password = randomBytes(16).toString("hex");
    await client.query(`create role ${reader} superuser login password '${password}'`);
    const ownUrl = new URL(`${await newPostgresUrl()}&application_name=${encodeURIComponent(name)}-reader`);
    ownUrl.username = reader;
    ownUrl.password = password;
    const failing = await openStore({ url: ownUrl.href, statementTimeoutMs });
    onTestFinished(() => failing.close());
    expect(await failing.accounts.get(id)).toBeUndefined();
    await client.query(`alter role ${reader} set default_transaction_read_only = on`);
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [reader]);
    await expect
      .poll(async () => (await failure(failing.accounts.get(id))).code, { timeout: 5000 })
      .toBe("unavailable");
    for (let count = 0; count < 10; count += 1)
      expect((await failure(failing.accounts.get(id))).code).toBe("unavailable");
    await client.query(`alter role ${reader} reset default_transaction_read_only`);
    await expect.poll(async () => (await failure(failing.ready())).code, { timeout: 5000 }).toBeUndefined();
  });

  test("faults of our own are not taken for the database's", async () => {
    const { store } = await openPair();
    const nonsense = store.database.db.selectFrom("users").select("id").where("id", "=", "a\0b").execute();
    expect((await failure(nonsense)).code).not.toBe("unavailable");
    await store.ready();
  });
});
