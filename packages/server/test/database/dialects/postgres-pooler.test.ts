// A pooler between us and PostgreSQL: noticed, and lived with.
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openOn } from "../backends.ts";
import { newAccount, openSession, times } from "../fixtures.ts";
import type { Store } from "../store.ts";
import { startPgbouncer } from "../../pgbouncer.ts";
import { newDatabaseUrl, newPostgresUrl, whyNoPgbouncer } from "../../postgres.ts";

const missing = await whyNoPgbouncer();
const statementTimeoutMs = 10_000;
/** So that three instances fit into the twenty places of a pool in session mode. */
const connections = 4;

function openThree(url: string): Promise<[Store, Store, Store]> {
  const open = (): Promise<Store> => openOn(url, { connections, statementTimeoutMs });
  return Promise.all([open(), open(), open()]);
}

/** Runs a statement, and then ends all connections to the database, as each has the settings of its start. */
async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  await client.query(statement);
  // The others first: a query that ends its own connection says nothing of whom it still reached.
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity " +
      "where datname = current_database() and pid <> pg_backend_pid()",
  );
  const itself = client.query("select pg_terminate_backend(pg_backend_pid())");
  await expect(itself).rejects.toThrow(/terminat|closed/);
  await client.end().catch(() => {});
}

describe.skipIf(missing !== undefined).each(["session", "transaction"] as const)(
  missing ?? "through PgBouncer in %s mode",
  (mode) => {
    test("instances that start together make the tables once, and share accounts, sessions, feed and trail", async () => {
      const url = await newDatabaseUrl(mode);
      const [first, second, third] = await openThree(url);
      const { id } = await newAccount(first);
      const { sid } = await openSession(second, id);
      expect(await third.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
      expect(await first.sessions.end({ sid, userId: id }, "logout")).toBe("ended");
      expect((await third.revocations.snapshot()).sessions).toMatchObject([{ sid }]);
      expect(await second.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 3 });
    });

    test("many verbs at once, in another order on each instance, find what they ask for", async () => {
      const url = await newDatabaseUrl(mode);
      const stores = await openThree(url);
      const [store] = stores;
      const accounts = await Promise.all(times(8, () => newAccount(store)));
      const asked = times(6, (round) =>
        accounts.flatMap(({ id, email }, count) =>
          stores.map(async (instance, which) => {
            const kind = (round + count + which) % 4;
            if (kind === 0) await instance.accounts.changeName(id, `name ${round}`);
            if (kind === 1) return (await instance.accounts.findByEmail(email))?.account.id === id;
            return (await instance.accounts.get(id))?.id === id;
          }),
        ),
      ).flat();
      expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
      const found = await store.accountSearch.search({ query: { by: "age" }, limit: 20 });
      expect(found.accounts).toHaveLength(accounts.length);
    });

    test("TP-05: every statement and every transaction is bounded, a wait for a lock too, and others do not inherit that", async () => {
      const url = await newDatabaseUrl(mode);
      const store = await openOn(url, { statementTimeoutMs: 1000 });
      const bounds = sql<{ ms: string }>`select current_setting('statement_timeout') as ms`;
      expect((await bounds.execute(store.database.db)).rows).toEqual([{ ms: "750ms" }]);
      await store.db.transaction().execute(async (trx) => {
        expect((await bounds.execute(trx)).rows).toEqual([{ ms: "750ms" }]);
      });
      const { id } = await newAccount(store);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      onTestFinished(() => client.end());
      await client.query("begin");
      expect((await client.query("show statement_timeout")).rows).toEqual([{ statement_timeout: "0" }]);
      await client.query("select * from users where id = $1 for update", [id]);
      await expect(store.accounts.changeName(id, "waits")).rejects.toMatchObject({ code: "unavailable" });
      await client.query("rollback");
      expect(await store.accounts.changeName(id, "goes on")).toMatchObject({ outcome: "changed" });
      await expect(sql`select pg_sleep(5)`.execute(store.database.db)).rejects.toMatchObject({
        code: "unavailable",
      });
    });

    test("a statement that fails leaves its connection as good as before", async () => {
      const store = await openOn(await newDatabaseUrl(mode), { connections: 1, statementTimeoutMs });
      for (let count = 0; count < 3; count += 1) {
        await expect(sql`select ${1}::integer / 0`.execute(store.db)).rejects.toThrow("division by zero");
        await store.ready();
      }
      const failing = store.db.transaction().execute(async (trx) => {
        await sql`create table notes (id integer)`.execute(trx);
        await sql`select 1 / 0`.execute(trx);
      });
      await expect(failing).rejects.toThrow("division by zero");
      await expect(sql`select * from notes`.execute(store.db)).rejects.toThrow("notes");
    });

    test("MI-02: each transaction asks whether its server takes writes", async () => {
      const url = await newDatabaseUrl(mode);
      const store = await openOn(url, { connections: 1, statementTimeoutMs });
      const { id } = await newAccount(store);
      const name = new URL(url).pathname.slice(1);
      await administer(url, `alter database ${name} set default_transaction_read_only = on`);
      await expect
        .poll(() => store.accounts.get(id).catch((error: unknown) => String(error)), { timeout: 30_000 })
        .toContain("must lead to the primary");
      await administer(
        url,
        `begin read write; alter database ${name} reset default_transaction_read_only; commit`,
      );
      await expect
        .poll(() => store.accounts.get(id).catch(() => undefined), { timeout: 30_000 })
        .toMatchObject({ id });
    }, 90_000);
  },
);

describe.skipIf(missing !== undefined)(missing ?? "a pooler is noticed", () => {
  let direct: URL;
  beforeAll(async () => {
    direct = new URL(await newPostgresUrl());
  });

  test("that drops the parameters of the start without a word", async () => {
    const ignored = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options";
    const bouncer = await startPgbouncer(direct.href, "transaction", [
      `ignore_startup_parameters = ${ignored}`,
    ]);
    onTestFinished(() => bouncer.stop());
    const url = await newDatabaseUrl("database");
    const store = await openOn(bouncer.through(url), { statementTimeoutMs: 1000 });
    const bounds = sql<{ ms: string }>`select current_setting('statement_timeout') as ms`;
    expect((await bounds.execute(store.database.db)).rows).toEqual([{ ms: "750ms" }]);
    await expect(
      openOn(`${bouncer.through(url)}?options=${encodeURIComponent("-c search_path=elsewhere")}`),
    ).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("databaseSchema") });
  });

  test("and what it refuses itself is told in its own words", async () => {
    const bouncer = await startPgbouncer(direct.href, "transaction");
    onTestFinished(() => bouncer.stop());
    const url = new URL(bouncer.through(direct.href));
    url.search = "";
    url.password = randomBytes(12).toString("hex");
    const error: unknown = await openOn(url.href).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        /^PostgreSQL at 127\.0\.0\.1:\d+ cannot be used .*authentication failed/,
      ),
    });
    expect(String(error)).not.toContain(url.password);
  });
});
