import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { createCookieSessions } from "../../src/sessions/cookie-sessions.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import type { SessionStore } from "../../src/sessions/session-store.ts";
import { createCookieCarrier } from "../../src/login/carriers/cookie.ts";
import { createMemorySessions } from "../../src/sessions/memory-sessions.ts";
import type { AccountCredentials } from "../../src/accounts/account.ts";
import type { Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";

const limits = { idleSeconds: 600, absoluteSeconds: 3600, perUser: 100 };

interface Clock {
  now: number;
}

const sessionStores = [
  { name: "the database", create: (store: Store) => createDatabaseSessions(store.sessions) },
  {
    name: "memory",
    create: (store: Store, clock: Clock, perUser: number) =>
      createMemorySessions({ ...store, limits: { ...limits, perUser }, nowMs: () => clock.now }),
  },
];
const cases = backends.flatMap((backend) =>
  sessionStores.map((sessionStore) => ({
    backend,
    name: `${sessionStore.name}, accounts in ${backend.name}`,
    sessionStore,
  })),
);

const newSecretHash = () => randomBytes(32).toString("base64url");

describe.each(cases)("sessions kept in $name", ({ backend, sessionStore: { name, create } }) => {
  async function setUp(perUser = 100) {
    const clock = { now: 1_800_000_000_000 };
    const store = await backend.open({
      nowMs: () => clock.now,
      sessions: { ...limits, perUser, graceSeconds: 60 },
    });
    return { clock, store, sessionStore: create(store, clock, perUser), ada: await newAccount(store, "ada") };
  }

  test("SE-03: are found by the hash of their own secret alone, with the account's roles and the time of the log-in", async () => {
    const { sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    expect(await sessionStore.use(secretHash)).toMatchObject({
      userId: ada.account.id,
      roles: ["user"],
      authTime: 1_800_000_000,
      amr: ["pwd"],
    });
    expect(await sessionStore.use(newSecretHash())).toBeUndefined();
    expect(await sessionStore.use("")).toBeUndefined();
  });

  test("SE-04: go idle at the very millisecond, and every use puts that off", async () => {
    const { clock, sessionStore, ada } = await setUp();
    const [used, unused] = [await open(sessionStore, ada), await open(sessionStore, ada)];
    clock.now += 599_999;
    expect(await sessionStore.use(used)).toBeDefined();
    clock.now += 1;
    expect(await sessionStore.use(unused)).toBeUndefined();
    clock.now += 599_998;
    expect(await sessionStore.use(used)).toBeDefined();
    clock.now += 600_000;
    expect(await sessionStore.use(used)).toBeUndefined();
  });

  test("SE-04: end at the absolute limit, however much they are used", async () => {
    const { clock, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    for (let minutes = 5; minutes < 60; minutes += 5) {
      clock.now += 300_000;
      expect(await sessionStore.use(secretHash)).toBeDefined();
    }
    clock.now += 299_999;
    expect(await sessionStore.use(secretHash)).toBeDefined();
    clock.now += 1;
    expect(await sessionStore.use(secretHash)).toBeUndefined();
  });

  test("SE-04: a use is written down at most once a minute, and only where sessions are written at all", async () => {
    const { clock, store, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    const statements = vi.spyOn(store.database.db.getExecutor(), "executeQuery");
    for (let seconds = 0; seconds < 300; seconds += 20) {
      clock.now += 20_000;
      expect(await sessionStore.use(secretHash)).toBeDefined();
    }
    const kinds = statements.mock.calls.map(([{ sql }]) => sql.split(" ", 1)[0]);
    expect(kinds.filter((kind) => kind === "select")).toHaveLength(15);
    expect(kinds.filter((kind) => kind !== "select")).toEqual(
      name === "memory" ? [] : Array(5).fill("update"),
    );
  });

  test("LO-02: end when the account is disabled, and enabling it brings none back", async () => {
    const { store, sessionStore, ada } = await setUp();
    const [first, second] = [await open(sessionStore, ada), await open(sessionStore, ada)];
    await store.accounts.setStatus(ada.account.id, "disabled");
    expect(await sessionStore.use(first)).toBeUndefined();
    expect(await sessionStore.open({ secretHash: newSecretHash() }, sessionOf(ada), {})).toBeUndefined();
    await store.accounts.setStatus(ada.account.id, "active");
    expect(await sessionStore.use(first)).toBeUndefined();
    expect(await sessionStore.use(second)).toBeUndefined();
    expect(await sessionStore.list(ada.account.id)).toEqual([]);
  });

  test("LO-02: end when the account is deleted", async () => {
    const { store, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    await store.accounts.delete(ada.account.id);
    expect(await sessionStore.use(secretHash)).toBeUndefined();
  });

  test("LO-02: end when the password changes, whoever changed it; the account's next session is a new one", async () => {
    const { store, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    const { account, passwordVersion } = ada;
    const change = { userId: account.id, passwordVersion, newHash: "another" };
    expect(await store.accounts.changePassword(change)).toMatchObject({ outcome: "changed" });
    expect(await sessionStore.use(secretHash)).toBeUndefined();
    // A log-in that had checked the old password.
    expect(await sessionStore.open({ secretHash: newSecretHash() }, sessionOf(ada), {})).toBeUndefined();
    await open(sessionStore, (await store.accounts.credentials(account.id)) ?? ada);
  });

  test("SE-06: state new roles at the next request", async () => {
    const { store, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    await store.accounts.setRoles(ada.account.id, ["user", "admin"]);
    expect(await sessionStore.use(secretHash)).toMatchObject({ roles: ["user", "admin"] });
    await store.accounts.setRoles(ada.account.id, []);
    expect(await sessionStore.use(secretHash)).toMatchObject({ roles: [] });
  });

  test("LO-01: end once when they are closed by many at once, and no other ends with them", async () => {
    const { store, sessionStore, ada } = await setUp();
    const bob = await newAccount(store, "bob");
    const [closed, mine, bobs] = [
      await open(sessionStore, ada),
      await open(sessionStore, ada),
      await open(sessionStore, bob),
    ];
    await Promise.all(Array.from({ length: 16 }, () => sessionStore.close(closed, {})));
    await sessionStore.close(newSecretHash(), {});
    expect(await sessionStore.use(closed)).toBeUndefined();
    expect(await sessionStore.use(mine)).toMatchObject({ userId: ada.account.id });
    expect(await sessionStore.use(bobs)).toMatchObject({ userId: bob.account.id });
    const events = (await store.audit.list({ limit: 100 })).map(({ event }) => event);
    expect(events.filter((event) => event === "session_opened")).toHaveLength(3);
    expect(events.filter((event) => event === "session_ended")).toHaveLength(1);
  });

  test("SE-02: sixty-four log-ins at once are sixty-four sessions of different values", async () => {
    const { store, sessionStore, ada } = await setUp();
    const cookieSessions = createCookieSessions(sessionStore);
    const carrierOf = createCookieCarrier({ sessionStore });
    const login = (): Promise<string | undefined> => carrierOf(undefined)(sessionOf(ada), {});
    const values = definedOf(await Promise.all(Array.from({ length: 64 }, login)));
    expect(new Set(values).size).toBe(64);
    for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
    const grants = await Promise.all(values.map((value) => cookieSessions.identify(value)));
    expect(new Set(grants.map((grant) => grant?.sid)).size).toBe(64);
    expect([
      ...(await store.sessions.list(ada.account.id)),
      ...(await sessionStore.list(ada.account.id)),
    ]).toHaveLength(64);
  });

  test("SE-02: a log-in ends the session that the browser had, its value dead, and adopts no value it was given", async () => {
    const { sessionStore, ada } = await setUp();
    const cookieSessions = createCookieSessions(sessionStore);
    const carrierOf = createCookieCarrier({ sessionStore });
    const login = async (previous: string | undefined): Promise<string> =>
      (await carrierOf(previous)(sessionOf(ada), {})) ?? "";
    const planted = randomBytes(32).toString("base64url");
    const first = await login(planted);
    expect(first).not.toBe(planted);
    expect(await cookieSessions.identify(planted)).toBeUndefined();
    const second = await login(first);
    expect(await cookieSessions.identify(first)).toBeUndefined();
    expect(await cookieSessions.identify(second)).toMatchObject({ userId: ada.account.id });
  });

  test("SE-05: fifty log-ins at once under a limit of five leave exactly five, and every end is in the trail", async () => {
    const { store, sessionStore, ada } = await setUp(5);
    const bob = await newAccount(store, "bob");
    const bobs = await open(sessionStore, bob);
    const secrets = await Promise.all(Array.from({ length: 50 }, () => open(sessionStore, ada)));
    const found = await Promise.all(secrets.map((secretHash) => sessionStore.use(secretHash)));
    const live = found.filter((grant) => grant !== undefined).map(({ sid }) => sid);
    expect(live).toHaveLength(5);
    expect(await sessionStore.use(bobs)).toBeDefined();
    const trail = await store.audit.list({ limit: 200, userId: ada.account.id });
    const ends = trail.filter(({ event }) => event === "session_ended");
    expect(new Set(ends.map(({ sid }) => sid)).size).toBe(45);
    expect(ends.every(({ detail }) => detail["reason"] === "displaced")).toBe(true);
    expect(ends.filter(({ sid }) => live.includes(sid ?? ""))).toEqual([]);
  });

  test("SE-05: a log-in too many ends the session that has gone unused the longest", async () => {
    const { clock, sessionStore, ada } = await setUp(3);
    const secrets: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      secrets.push(await open(sessionStore, ada));
      clock.now += 60_000;
    }
    const [first = "", second = "", third = ""] = secrets;
    expect(await sessionStore.use(first)).toBeDefined();
    const fourth = await open(sessionStore, ada);
    expect(await sessionStore.use(second)).toBeUndefined();
    for (const secretHash of [first, third, fourth]) expect(await sessionStore.use(secretHash)).toBeDefined();
  });

  test("SE-05: what is over, or replaced by the same browser's log-in, does not count", async () => {
    const { clock, store, sessionStore, ada } = await setUp(2);
    await open(sessionStore, ada);
    clock.now += 600_000;
    const [first, second] = [await open(sessionStore, ada), await open(sessionStore, ada)];
    expect([await sessionStore.use(first), await sessionStore.use(second)]).not.toContain(undefined);
    // The same browser again: its session goes, and nobody else's.
    const secretHash = newSecretHash();
    const replacing = { secretHash, replacesSecretHash: second };
    expect(await sessionStore.open(replacing, sessionOf(ada), {})).toBeDefined();
    expect(await sessionStore.use(second)).toBeUndefined();
    expect([await sessionStore.use(first), await sessionStore.use(secretHash)]).not.toContain(undefined);
    const [last] = await store.audit.list({ limit: 1, userId: ada.account.id });
    expect(last).toMatchObject({ event: "session_ended", detail: { reason: "logout" } });
  });

  test("SE-05: a limit of one leaves the newest log-in alone", async () => {
    const { sessionStore, ada } = await setUp(1);
    const [first, second] = [await open(sessionStore, ada), await open(sessionStore, ada)];
    expect(await sessionStore.use(first)).toBeUndefined();
    expect(await sessionStore.use(second)).toBeDefined();
  });

  test("SE-01: are stored under a hash from which nobody can make the cookie", async () => {
    const { store, sessionStore, ada } = await setUp();
    const seen: string[] = [];
    const watched: SessionStore = {
      ...sessionStore,
      open: (hashes, ...rest) => {
        seen.push(hashes.secretHash);
        return sessionStore.open(hashes, ...rest);
      },
    };
    const cookieSessions = createCookieSessions(watched);
    const value = await createCookieCarrier({ sessionStore: watched })(undefined)(sessionOf(ada), {});
    expect(seen).toHaveLength(1);
    const [secretHash = ""] = seen;
    expect(await cookieSessions.identify(secretHash)).toBeUndefined();
    const rows = await store.database.db.selectFrom("sessions").selectAll().execute();
    const trail = await store.audit.list({ limit: 100 });
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify([rows, trail])).not.toContain(value);
    expect(JSON.stringify(trail)).not.toContain(secretHash);
  });

  test("SE-06: without the database there is an error, never a stranger and never a guess", async () => {
    const { store, sessionStore, ada } = await setUp();
    const secretHash = await open(sessionStore, ada);
    await store.database.db.destroy();
    await expect(sessionStore.use(secretHash)).rejects.toBeInstanceOf(Error);
    await expect(
      sessionStore.open({ secretHash: newSecretHash() }, sessionOf(ada), {}),
    ).rejects.toBeInstanceOf(Error);
  });
});

describe("sessions in memory", () => {
  test("LO-01: lets nobody through whose session ends while the account is being read", async () => {
    const [backend] = backends;
    const store = await backend?.open();
    if (store === undefined) throw new TypeError("there is no backend");
    const sessionStore = createMemorySessions({ ...store, limits });
    const ada = await newAccount(store, "ada");
    const secretHash = await open(sessionStore, ada);
    expect(await sessionStore.use(secretHash)).toBeDefined();
    vi.spyOn(store.accounts, "credentials").mockImplementationOnce(async () => {
      await sessionStore.close(secretHash, {});
      return ada;
    });
    expect(await sessionStore.use(secretHash)).toBeUndefined();
    expect(await sessionStore.use(secretHash)).toBeUndefined();
  });

  test("AU-01: whatever ends them is in the trail, with the reason", async () => {
    const [backend] = backends;
    const store = await backend?.open();
    if (store === undefined) throw new TypeError("there is no backend");
    const sessionStore = createMemorySessions({ ...store, limits });
    const ada = await newAccount(store, "ada");
    const userId = ada.account.id;
    const openOne = async (): Promise<string> => {
      await open(sessionStore, ada);
      return (await sessionStore.list(userId)).find(({ sid }) => !known.has(sid))?.sid ?? "";
    };
    const known = new Set<string>();
    for (let count = 0; count < 4; count += 1) known.add(await openOne());
    const [first = "", second = ""] = known;
    expect(await sessionStore.end(userId, first, "revoked", { address: "192.0.2.1" })).toBe(true);
    expect(await sessionStore.end(userId, first, "revoked", {})).toBe(false);
    await sessionStore.endOthers(userId, second, "logout", {});
    await sessionStore.endOthers(userId, second, "logout", {});
    const ends = (await store.audit.list({ limit: 100, userId })).filter(({ event }) =>
      event.includes("ended"),
    );
    expect(ends.map(({ event, sid, address, detail }) => ({ event, sid, address, detail }))).toEqual([
      { event: "sessions_ended", sid: second, address: null, detail: { reason: "logout", ended: 2 } },
      { event: "session_ended", sid: first, address: "192.0.2.1", detail: { reason: "revoked" } },
    ]);
  });

  test("forgets sessions that nobody used, without being asked for them", async () => {
    const [backend] = backends;
    const clock = { now: 1_800_000_000_000 };
    const store = await backend?.open({ nowMs: () => clock.now });
    if (store === undefined) throw new TypeError("there is no backend");
    const sessionStore = createMemorySessions({ ...store, limits, nowMs: () => clock.now });
    const ada = await newAccount(store, "ada");
    await open(sessionStore, ada);
    const used = await open(sessionStore, ada);
    clock.now += 300_000;
    await sessionStore.use(used);
    expect(await sessionStore.list(ada.account.id)).toHaveLength(2);
    clock.now += 300_000;
    await open(sessionStore, ada);
    clock.now = 1_800_000_000_000;
    // Were the unused one still kept, the clock set back would show it.
    expect(await sessionStore.list(ada.account.id)).toHaveLength(2);
  });
});

async function newAccount(store: Store, name: string): Promise<AccountCredentials> {
  const created = await store.accounts.create({
    email: `${name}@example.com`,
    emailKey: `${name}@example.com`,
    name,
    passwordHash: "of the right password",
    roles: ["user"],
  });
  const credentials = created.outcome === "created" && (await store.accounts.credentials(created.account.id));
  if (!credentials) throw new TypeError("there is no account");
  return credentials;
}

function sessionOf({ account, passwordVersion }: AccountCredentials) {
  const device = { userAgent: null, address: null };
  return { userId: account.id, passwordVersion, device, amr: ["pwd"], clientId: "test" };
}

async function open(sessionStore: SessionStore, credentials: AccountCredentials): Promise<string> {
  const secretHash = newSecretHash();
  expect(await sessionStore.open({ secretHash }, sessionOf(credentials), {})).toMatchObject({
    userId: credentials.account.id,
  });
  return secretHash;
}

function definedOf<Item>(items: readonly (Item | undefined)[]): Item[] {
  return items.filter((item) => item !== undefined);
}
