// Accounts: what is unique, what is conditional, and what changes do to sessions.
import { describe, expect, test } from "vitest";
import { backends } from "../database/backends.ts";
import {
  createClock,
  eventsOf,
  isRevoked,
  newAccount,
  openSession,
  times,
  tryOpen,
} from "../database/fixtures.ts";

describe.each(backends)("accounts on $name", (backend) => {
  test("are found by normalised address and by id, as they were made", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const made = await store.accounts.create({
      email: "Ada@Example.test",
      emailKey: "ada@example.test",
      name: "Ada 🧮",
      passwordHash: "hash 1",
      roles: ["user", "admin"],
    });
    expect(made).toEqual({
      outcome: "created",
      account: {
        id: expect.stringMatching(/^[\w-]{22}$/),
        email: "Ada@Example.test",
        name: "Ada 🧮",
        roles: ["user", "admin"],
        status: "active",
        createdAtMs: clock.nowMs(),
        updatedAtMs: clock.nowMs(),
        locale: "en",
        emailVerifiedAtMs: null,
        metadata: {},
        appMetadata: {},
        claimsVersion: 0,
      },
    });
    const account = made.outcome === "created" ? made.account : undefined;
    const credentials = {
      account,
      passwordHash: "hash 1",
      passwordVersion: 1,
      deviceEpoch: 0,
      secondFactor: false,
    };
    expect(await store.accounts.findByEmail("ada@example.test")).toEqual(credentials);
    expect(await store.accounts.credentials(account?.id ?? "")).toEqual(credentials);
    expect(await store.accounts.get(account?.id ?? "")).toEqual(account);
    expect(await store.accounts.findByEmail("Ada@Example.test")).toBeUndefined();
    expect(await store.accounts.get("nobody")).toBeUndefined();
  });

  test("of 64 sign-ups of one address at once over three instances, one makes the account and all others are told", async () => {
    const stores = await backend.openInstances(3);
    const outcomes = await Promise.all(
      times(64, async (index) => {
        const store = stores[index % 3] ?? stores[0];
        const result = await store?.accounts.create({
          email: `one@example.test`,
          emailKey: "one@example.test",
          name: String(index),
          passwordHash: "hash",
          roles: [],
        });
        return result?.outcome;
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "email_taken")).toHaveLength(63);
    const everybody = await stores[0]?.accountSearch.search({ query: { by: "age" }, limit: 100 });
    expect(everybody?.accounts).toHaveLength(1);
    // AU-02: one change, one event.
    expect(await stores[0]?.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 1 });
  });

  test("change their name", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    expect(await store.accounts.changeName(id, "Grace")).toMatchObject({
      outcome: "changed",
      account: { name: "Grace" },
    });
    expect(await store.accounts.changeName("nobody", "Grace")).toEqual({ outcome: "unknown" });
    expect(await eventsOf(store, id)).toEqual(["account_created", "account_changed"]);
  });

  test("PW-10: a rehash replaces only the hash it was made from, and keeps sessions and log-ins under way", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const session = await openSession(store, id);
    expect(await store.accounts.replacePasswordHash(id, "hash 1", "hash 1, stronger")).toBe("replaced");
    expect(await store.accounts.replacePasswordHash(id, "hash 1", "hash 1, late")).toBe("outdated");
    expect(await store.accounts.credentials(id)).toMatchObject({
      passwordHash: "hash 1, stronger",
      passwordVersion: 1,
    });
    expect(await store.sessions.renew({ sid: session.sid, generation: 0 })).toMatchObject({
      outcome: "renewed",
    });
    await openSession(store, id, 1);
  });

  test("PW-14: a new password ends every session, in the feed too, and the one that asked has a successor", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const [mine, other, third] = [
      await openSession(store, id),
      await openSession(store, id),
      await openSession(store, id),
    ];
    const change = {
      userId: id,
      passwordVersion: 1,
      newHash: "hash 2",
      asked: { by: { sid: mine.sid }, successor: { kind: "token" } as const },
    };
    const changed = await store.accounts.changePassword(change);
    expect(changed).toMatchObject({ outcome: "changed", endedSessions: 3 });
    const { successor } = changed as Extract<typeof changed, { outcome: "changed" }>;

    expect((await store.sessions.list(id)).map(({ sid }) => sid)).toEqual([successor?.sid]);
    for (const { sid, issuedAt } of [mine, other, third]) {
      expect(await isRevoked(store, sid, issuedAt)).toBe(true);
      expect(await store.sessions.renew({ sid, generation: 0 })).toEqual({ outcome: "ended" });
    }
    const { sid = "", issuedAt = 0, ...login } = successor ?? {};
    expect(await isRevoked(store, sid, issuedAt)).toBe(false);
    expect(login).toMatchObject({ authTime: mine.authTime, amr: mine.amr, clientId: mine.clientId });
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
    expect(await store.accounts.credentials(id)).toMatchObject({
      passwordHash: "hash 2",
      passwordVersion: 2,
    });
    // The old password opens nothing any more, whenever it was checked.
    expect(await tryOpen(store, id, 1)).toEqual({ outcome: "refused" });
    expect(await store.accounts.changePassword(change)).toEqual({ outcome: "logged_out" });
    const again = { ...change, asked: { ...change.asked, by: { sid } } };
    expect(await store.accounts.changePassword(again)).toEqual({ outcome: "outdated" });
    expect(await eventsOf(store, id)).toEqual([
      "account_created",
      "session_opened",
      "session_opened",
      "session_opened",
      "session_opened",
      "password_changed",
    ]);
  });

  test("PW-14: of 16 password changes at once, one succeeds", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    const { id } = await newAccount(store);
    const outcomes = await Promise.all(
      times(16, async (index) => {
        const result = await stores[index % 3]?.accounts.changePassword({
          userId: id,
          passwordVersion: 1,
          newHash: `hash ${index}`,
        });
        return result?.outcome;
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "changed")).toHaveLength(1);
    expect(await store.accounts.credentials(id)).toMatchObject({ passwordVersion: 2 });
  });

  test("LO-02: new roles leave sessions alive, kill the tokens that state the old ones, and appear in the next", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const session = await openSession(store, id);
    await store.accounts.setRoles(id, ["user", "admin"], { actorId: "root", address: "192.0.2.7" });

    expect(await isRevoked(store, session.sid, session.issuedAt)).toBe(true);
    // In the very same second: the new token is later than what was revoked.
    const renewal = await store.sessions.renew({ sid: session.sid, generation: 0 });
    expect(renewal).toMatchObject({ outcome: "renewed", grant: { roles: ["user", "admin"] } });
    const issuedAt = renewal.outcome === "renewed" ? renewal.grant.issuedAt : 0;
    expect(issuedAt - Math.floor(clock.nowMs() / 1000)).toBeLessThanOrEqual(1);
    expect(await isRevoked(store, session.sid, issuedAt)).toBe(false);

    // Again in that second: the token that was dated ahead dies too, and the next one is alive.
    await store.accounts.setRoles(id, ["user"]);
    expect(await isRevoked(store, session.sid, issuedAt)).toBe(true);
    const again = await store.sessions.renew({ sid: session.sid, generation: 1 });
    expect(again).toMatchObject({ outcome: "renewed", grant: { roles: ["user"] } });
    const secondIssuedAt = again.outcome === "renewed" ? again.grant.issuedAt : 0;
    expect(await isRevoked(store, session.sid, secondIssuedAt)).toBe(false);

    expect(await store.accounts.setRoles("nobody", [])).toEqual({ outcome: "unknown" });
    const [latest, before] = (await store.audit.list({ limit: 5, userId: id })).filter(
      ({ event }) => event === "roles_changed",
    );
    expect(latest).toMatchObject({ actorId: null, detail: { roles: ["user"] } });
    expect(before).toMatchObject({
      actorId: "root",
      address: "192.0.2.7",
      detail: { roles: ["user", "admin"] },
    });
  });

  test("LO-02, RR-08: a disabled account has no session and no token left, and opens none until enabled", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const session = await openSession(store, id);
    expect(await store.accounts.setStatus(id, "disabled")).toMatchObject({ account: { status: "disabled" } });
    expect(await isRevoked(store, session.sid, session.issuedAt)).toBe(true);
    expect(await store.sessions.renew({ sid: session.sid, generation: 0 })).toEqual({ outcome: "ended" });
    expect(await tryOpen(store, id)).toEqual({ outcome: "refused" });
    expect(await store.accounts.changePassword({ userId: id, passwordVersion: 1, newHash: "x" })).toEqual({
      outcome: "outdated",
    });

    await store.accounts.setStatus(id, "active");
    // Enabling brings nothing back.
    expect(await store.sessions.renew({ sid: session.sid, generation: 0 })).toEqual({ outcome: "ended" });
    // Nor does a log-in whose password was checked before.
    expect(await tryOpen(store, id, 1)).toEqual({ outcome: "refused" });
    await openSession(store, id, 2);
    expect(await store.accounts.setStatus("nobody", "active")).toEqual({ outcome: "unknown" });
    expect((await eventsOf(store, id)).slice(2)).toEqual([
      "account_disabled",
      "account_enabled",
      "session_opened",
    ]);
  });

  test("LO-02: a deleted account takes its sessions and tokens along; the trail keeps what happened", async () => {
    const store = await backend.open();
    const { id, email } = await newAccount(store);
    const session = await openSession(store, id);
    expect(await store.accounts.delete(id)).toEqual({ outcome: "deleted" });
    expect(await isRevoked(store, session.sid, session.issuedAt)).toBe(true);
    expect(await store.sessions.renew({ sid: session.sid, generation: 0 })).toEqual({ outcome: "unknown" });
    expect(await store.accounts.findByEmail(email)).toBeUndefined();
    expect(await tryOpen(store, id)).toEqual({ outcome: "refused" });
    expect(await store.accounts.delete(id)).toEqual({ outcome: "unknown" });
    expect(await eventsOf(store, id)).toEqual(["account_created", "session_opened", "account_deleted"]);
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 3 });
  });

  test.each(["disabled", "deleted", "given a new password"] as const)(
    "TI-09, LO-02: log-ins racing with an account being %s leave nothing alive",
    async (cause) => {
      const stores = await backend.openInstances(3);
      const [store] = stores;
      if (store === undefined) return;
      for (let round = 0; round < 10; round += 1) {
        const { id } = await newAccount(store);
        const logins = times(12, (index) => tryOpen(stores[index % 3] ?? store, id));
        const change =
          cause === "disabled"
            ? stores[1]?.accounts.setStatus(id, "disabled")
            : cause === "deleted"
              ? stores[1]?.accounts.delete(id)
              : stores[1]?.accounts.changePassword({
                  userId: id,
                  passwordVersion: 1,
                  newHash: "hash 2",
                });
        const opened = await Promise.all([...logins, change]);
        expect(await store.sessions.list(id)).toEqual([]);
        for (const login of opened) {
          if (login?.outcome !== "opened") continue;
          expect(await isRevoked(store, login.grant.sid, login.grant.issuedAt)).toBe(true);
        }
      }
    },
  );

  test("LO-02: log-ins and renewals racing with new roles never leave a living token with the old ones", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    for (let round = 0; round < 20; round += 1) {
      const { id } = await newAccount(store, ["old"]);
      const sessions = await Promise.all(times(4, () => openSession(store, id)));
      const [, ...grants] = await Promise.all([
        stores[2]?.accounts.setRoles(id, ["new"]),
        ...times(4, async (index) => {
          const login = await tryOpen(stores[index % 3] ?? store, id);
          return login.outcome === "opened" ? login.grant : undefined;
        }),
        ...sessions.map(async ({ sid }, index) => {
          const renewal = await stores[index % 3]?.sessions.renew({ sid, generation: 0 });
          return renewal?.outcome === "renewed" ? renewal.grant : undefined;
        }),
      ]);
      expect(grants.every((grant) => grant !== undefined)).toBe(true);
      for (const grant of grants) {
        if (grant === undefined || grant.roles.includes("new")) continue;
        expect(await isRevoked(store, grant.sid, grant.issuedAt)).toBe(true);
      }
    }
  });
});
