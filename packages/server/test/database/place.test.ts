// A place of their own for the tables, where names like "users" are taken.
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import BetterSqlite from "better-sqlite3";
import { sql, type Kysely } from "kysely";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { newPostgresUrl } from "../postgres.ts";
import { backends, openOn } from "./backends.ts";
import { newAccount, openCookieSession, openSession } from "./fixtures.ts";
import type { Store } from "./store.ts";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";

/** The tables of the database that an app would see beside ours, by name. */
async function tableNames(
  db: Kysely<unknown>,
  dialect: Store["dialect"],
  schema?: string,
): Promise<string[]> {
  const question =
    dialect === "sqlite"
      ? sql<{ name: string }>`select name from sqlite_master where name not like 'sqlite_%'`
      : sql<{ name: string }>`
          select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
          where nspname = coalesce(${schema ?? null}::text, current_schema())
        `;
  const { rows } = await question.execute(db);
  return rows.map(({ name }) => name).toSorted();
}

/** A database that is somebody's already. */
async function occupied(newUrl: () => Promise<string>, tables: readonly string[]): Promise<string> {
  const url = await newUrl();
  if (url.startsWith("sqlite:")) {
    const path = url.slice("sqlite:".length);
    const file = new BetterSqlite(path);
    for (const statement of tables) file.exec(statement);
    file.close();
    chmodSync(path, 0o600);
    return url;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of tables) await client.query(statement);
  await client.end();
  return url;
}

const foreign = {
  users: "create table users (nickname text)",
  sessions: "create table sessions (cookie text)",
  migrations: "create table migrations (id integer, name text, applied_at text)",
};

describe.each(backends)("tables of somebody else on $name", ({ newUrl }) => {
  test.each(Object.entries(foreign))(
    "a table %s where ours should be is told in one line, with the setting that helps, and nothing is changed",
    async (name, statement) => {
      const url = await occupied(newUrl, [statement]);
      await expect(openOn(url)).rejects.toMatchObject({
        name: "StoreError",
        code: "foreign_table",
        message: expect.stringMatching(new RegExp(`^[^\\n]* table ${name} [^\\n]*databaseSchema[^\\n]*$`)),
      });
      const store = await openOn(url, { schema: `ours_${randomBytes(4).toString("hex")}` });
      const { dialect, db } = store;
      const left = (await tableNames(db, dialect)).filter((one) => !one.startsWith("ours_"));
      expect(left).toEqual([name]);
    },
  );

  test("a list of migrations that happens to be made like ours is not taken for it", async () => {
    const url = await occupied(newUrl, [
      "create table migrations (name text primary key not null)",
      "insert into migrations values ('20240101_init')",
    ]);
    await expect(openOn(url)).rejects.toMatchObject({ code: "foreign_table" });
  });

  test("all verbs work beside them, and the app's own statements see the app's own tables", async () => {
    const url = await occupied(newUrl, [...Object.values(foreign), "insert into users values ('Ada')"]);
    const schema = `ours_${randomBytes(4).toString("hex")}`;
    const store = await openOn(url, { schema });
    expect((await sql`select nickname from users`.execute(store.db)).rows).toEqual([{ nickname: "Ada" }]);

    const { id, email } = await newAccount(store);
    const { sid } = await openSession(store, id);
    await openCookieSession(store, id, "a hash");
    expect(await store.accounts.findByEmail(email)).toMatchObject({ account: { id } });
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "repeated" });
    expect(await store.sessions.useCookie("a hash")).toMatchObject({ userId: id });
    expect(await store.sessions.list(id)).toHaveLength(2);
    expect(await store.accounts.setRoles(id, ["admin"])).toMatchObject({ outcome: "changed" });
    expect(await store.sessions.end({ sid }, "logout")).toBe("ended");
    await revokeEverything(store.database);
    expect((await store.revocations.snapshot()).sessions).toHaveLength(1);
    const start = { ...(await store.revocations.snapshot()).cursor, number: 0 };
    expect(await store.revocations.since(start, 10)).toMatchObject({ outcome: "entries" });
    expect(await store.revocations.prune()).toBe(0);
    expect(await store.sessions.prune()).toBe(0);
    const key = { kid: "k1", algorithm: "ES256" as const, sealed: new Uint8Array([1]) };
    expect(await store.signingKeys.createFirst(key)).toBe("changed");
    const stage = { publishSeconds: 0, replaces: undefined };
    expect(await store.signingKeys.stage({ ...key, kid: "k2" }, stage)).toBe("changed");
    expect(
      await store.signingKeys.promote({ pending: "k2", active: "k1", keepSeconds: 0, early: true }),
    ).toBe("changed");
    expect((await store.signingKeys.inUse()).keys).toHaveLength(2);
    await store.installation.placeCanary(new Uint8Array([1]));
    expect(await store.audit.list({ userId: id, limit: 10 })).not.toEqual([]);
    expect(await store.accounts.delete(id)).toEqual({ outcome: "deleted" });
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact" });

    // Opened again, it finds what it made, and none of it lies beside the app's.
    await store.close();
    const again = await openOn(url, { schema });
    expect(await again.audit.verifyChain()).toMatchObject({ outcome: "intact" });
    const all = await tableNames(again.db, again.dialect);
    const theirs = all.filter((name) => !name.startsWith(`${schema}_`));
    expect(theirs).toEqual(["migrations", "sessions", "users"]);
  });
});

describe("PostgreSQL", () => {
  test("that lets a user make no tables says so in one line, and what to do", async () => {
    const url = new URL(await newPostgresUrl());
    const admin = new pg.Client({ connectionString: url.href });
    await admin.connect();
    const role = `guest_${randomBytes(4).toString("hex")}`;
    const password = randomBytes(16).toString("hex");
    await admin.query(`create role ${role} login password '${password}'`);
    onTestFinished(async () => {
      await admin.query(`drop role ${role}`);
      await admin.end();
    });
    url.username = role;
    url.password = password;
    url.search = "";
    await expect(openOn(url.href)).rejects.toMatchObject({
      code: "cannot_open",
      message: expect.stringMatching(/permission denied for schema public[^\n]*databaseSchema[^\n]*$/),
    });
  });

  test.each(["password", "database", "port"] as const)(
    "with a wrong %s in the URL says host, port and its own reason in one line, never the password",
    async (part) => {
      const url = new URL(await newPostgresUrl());
      const { port } = url;
      if (part === "password") url.password = randomBytes(12).toString("hex");
      if (part === "database") url.pathname = "/nowhere";
      if (part === "port") url.port = "1";
      const reasons = {
        password: `127.0.0.1:${port} cannot be used at the moment: password authentication failed for user "postgres"`,
        database: `127.0.0.1:${port} cannot be used at the moment: database "nowhere" does not exist`,
        port: "127.0.0.1:1 cannot be used at the moment: connect ECONNREFUSED 127.0.0.1:1",
      };
      const error: unknown = await openOn(url.href).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({
        name: "StoreError",
        code: "unavailable",
        message: `PostgreSQL at ${reasons[part]}.`,
      });
      expect(String(error)).not.toContain(url.password);
    },
  );
});
