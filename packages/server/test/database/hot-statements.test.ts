// What is asked at every request, with many accounts: each statement finds its rows by an index. The statements are
// those that the verbs really send, and the plans those of the databases.
import { type Kysely, sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createDeviceStore } from "../../src/devices/store.ts";
import { backends } from "./backends.ts";
import { newAccount, openCookieSession, openSession } from "./fixtures.ts";
import type { Store } from "./store.ts";
import { watch } from "./watched.ts";

const accounts = 5000;

/** Accounts with two sessions and ten rows of the trail each, written by SQL. */
async function fill(db: Kysely<unknown>, dialect: Store["dialect"]): Promise<void> {
  const numbers = (count: number) =>
    dialect === "sqlite"
      ? sql`(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)}) select n from numbers) as numbers`
      : sql`generate_series(1, ${sql.lit(count)}) as numbers (n)`;
  const userOf = (n: string) => sql`'user ' || (${sql.raw(n)} % ${sql.lit(accounts)})`;
  await sql`
    insert into users (id, email, email_key, password_hash, password_version, roles, status, created_at, updated_at)
    select ${userOf("n")}, n || '@example.test', n || '@example.test', 'hash', 1, '[]', 'active', 0, 0
    from ${numbers(accounts)}
  `.execute(db);
  await sql`
    insert into sessions (sid, user_id, kind, current, renewed_at, tokens_before, roles, authenticated_at, amr, client_id, device)
    select 'session ' || n, ${userOf("n")}, 'token', 0, 2000000000000, 0, '[]', 2000000000000, '[]', 'first-party', '{}'
    from ${numbers(2 * accounts)}
  `.execute(db);
  await sql`
    insert into audit (seq, at, event, user_id, detail, hash)
    select n, 0, 'session_opened', ${userOf("n")}, '{}', '' from ${numbers(10 * accounts)}
  `.execute(db);
  await sql`update journal set audit_seq = ${10 * accounts}`.execute(db);
  await sql`analyze`.execute(db);
}

/** The verbs behind routes and workers that a busy installation runs all the time. */
function hotVerbs(store: Store): Readonly<Record<string, () => Promise<unknown>>> {
  const { accounts: users, accountSearch: search, sessions, revocations, audit, signingKeys } = store;
  const place = { createdAtMs: 0, id: "user 7", emailKey: "7@example.test" };
  return {
    "sign-up": () => newAccount(store),
    "an account by its address": () => users.findByEmail("7@example.test"),
    "a device that says it is known": () => createDeviceStore(store.database).find("7@example.test"),
    "an account by its id": () => users.get("user 7"),
    "a password shown again": () => users.credentials("user 7"),
    "a hash replaced": () => users.replacePasswordHash("user 7", "hash", "hash 2"),
    "a page of accounts": () => search.search({ query: { by: "age" }, after: place, limit: 100 }),
    "the first page of accounts": () => search.search({ query: { by: "age" }, limit: 100 }),
    "accounts by the beginning of their address": () =>
      search.search({ query: { by: "beginning", text: "77" }, after: place, limit: 100 }),
    "a name changed": () => users.changeName("user 8", "Ada"),
    "a login with a token": () => openSession(store, "user 9"),
    "a login with a cookie": () => openCookieSession(store, "user 9", "a hash"),
    "a request with a cookie": () => sessions.useCookie("a hash"),
    "a renewal": () => sessions.renew({ sid: "session 10", generation: 0 }),
    "a renewal presented again": () => sessions.renew({ sid: "session 10", generation: 0 }),
    "a refresh token from nowhere": () => sessions.renew({ sid: "session 10", generation: 7 }),
    "a session by its id": () => sessions.find("session 11"),
    "the sessions of an account": () => sessions.list("user 12"),
    "a log-out": () => sessions.end({ sid: "session 13" }, "logout"),
    "a log-out of a cookie": () => sessions.endCookie("a hash"),
    "a log-out everywhere": () => sessions.endAll("user 14", null, "logout"),
    "a password changed": () =>
      users.changePassword({ userId: "user 15", passwordVersion: 1, newHash: "hash 3" }),
    "roles changed": () => users.setRoles("user 16", ["admin"]),
    "an account disabled": () => users.setStatus("user 17", "disabled"),
    "an account deleted": () => users.delete("user 18"),
    "the activity of an account": () => audit.list({ userId: "user 19", limit: 50 }),
    "the next page of an account's activity": () =>
      audit.list({ userId: "user 19", before: 40_000, limit: 50 }),
    "a page of the trail": () => audit.list({ before: 40_000, limit: 50 }),
    "an event of the trail": () => audit.record({ event: "login_failed" }),
    "the feed": async () => revocations.since({ ...(await revocations.snapshot()).cursor, number: 0 }, 100),
    "the signing keys": () => signingKeys.inUse(),
    "revocations forgotten": () => revocations.prune(),
    "sessions forgotten": () => sessions.prune(AbortSignal.timeout(200)),
  };
}

describe("with many accounts", () => {
  test.each(backends.slice(0, 2))(
    "every hot statement is answered by an index on $name",
    async ({ newUrl }) => {
      const url = await newUrl();
      const watched = await watch(url, fill);
      const scans: string[] = [];
      for (const [name, verb] of Object.entries(hotVerbs(watched.store))) {
        const statements = await watched.statementsOf(verb);
        expect(statements, name).not.toEqual([]);
        for (const statement of statements)
          for (const scan of await watched.scansOf(statement)) scans.push(`${name}: ${scan}`);
      }
      expect(scans).toEqual([]);
      // The test itself sees a scan where there is one.
      const scanning = await watched.statementsOf(() =>
        watched.store.database.db.selectFrom("audit").selectAll().where("sid", "=", "session 1").execute(),
      );
      expect(await Promise.all(scanning.map(watched.scansOf))).toMatchObject([[expect.any(String)]]);
    },
  );

  test("SQLite is kept from planning anew, for each value, what is built once", async () => {
    const watched = await watch("sqlite::memory:", fill);
    const { accounts: users, sessions } = watched.store;
    const [builtOnce] = await watched.statementsOf(() => users.findByEmail("7@example.test"));
    const [builtEachTime] = await watched.statementsOf(() => sessions.useCookie("a hash"));
    expect(builtOnce?.sql).toMatch(/"email_key" = \+\?$/);
    expect(builtEachTime?.sql).toContain('"secret_hash" = ?');
  });
});
