// Sessions: opened, listed, used by cookie, ended, forgotten.
import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { backends } from "../database/backends.ts";
import {
  createClock,
  eventsOf,
  isRevoked,
  newAccount,
  openCookieSession,
  openSession,
  times,
  tryOpen,
} from "../database/fixtures.ts";

const day = 86_400;

function newSecretHash(): string {
  return createHash("sha256").update(randomBytes(32)).digest("base64url");
}

describe.each(backends)("sessions on $name", (backend) => {
  test("TI-09: open for an active account with the password that was checked, and for nobody else", async () => {
    const clock = createClock(1_800_000_000_999);
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store, ["user"]);
    const opened = await tryOpen(store, id);
    expect(opened).toEqual({
      outcome: "opened",
      grant: {
        sid: expect.stringMatching(/^[\w-]{22}$/),
        userId: id,
        roles: ["user"],
        clientId: "first-party",
        amr: ["pwd"],
        authTime: 1_800_000_000,
        issuedAt: 1_800_000_000,
        askedAt: 1_800_000_000,
        endsAt: 1_800_000_000 + 14 * 86_400,
      },
    });
    expect(await tryOpen(store, "nobody")).toEqual({ outcome: "refused" });
    expect(await tryOpen(store, id, 2)).toEqual({ outcome: "refused" });
    expect(await eventsOf(store, id)).toEqual(["account_created", "session_opened"]);
  });

  test("LO-05: their owner sees device and times, and no token material", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    const openedAtMs = clock.nowMs();
    clock.advanceSeconds(60);
    await store.sessions.renew({ sid, generation: 0 });
    const cookie = await openCookieSession(store, id, newSecretHash());
    expect(await store.sessions.list(id)).toEqual([
      {
        sid: cookie.sid,
        kind: "cookie",
        device: { userAgent: null, address: null },
        clientId: "first-party",
        openedAtMs: clock.nowMs(),
        lastUsedAtMs: clock.nowMs(),
      },
      {
        sid,
        kind: "token",
        device: { userAgent: "a browser", address: "192.0.2.1" },
        clientId: "first-party",
        openedAtMs,
        lastUsedAtMs: clock.nowMs(),
      },
    ]);
    expect(await store.sessions.list("nobody")).toEqual([]);
  });

  test("LO-01: end once, however many ask at once; the feed and the trail have one entry", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    const { id } = await newAccount(store);
    const { sid, issuedAt } = await openSession(store, id);
    const outcomes = await Promise.all(
      times(64, (index) => (stores[index % 3] ?? store).sessions.end({ sid, userId: id }, "logout")),
    );
    expect(outcomes.filter((outcome) => outcome === "ended")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "already_ended")).toHaveLength(63);
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect((await store.revocations.snapshot()).cursor.number).toBe(1);
    expect(await eventsOf(store, id)).toEqual(["account_created", "session_opened", "session_ended"]);
    expect(await store.sessions.end({ sid: "nothing" }, "logout")).toBe("unknown");
  });

  test("LO-05: are ended by their owner only", async () => {
    const store = await backend.open();
    const [owner, other] = [await newAccount(store), await newAccount(store)];
    const { sid } = await openSession(store, owner.id);
    expect(await store.sessions.end({ sid, userId: other.id }, "revoked")).toBe("unknown");
    expect(await store.sessions.list(owner.id)).toHaveLength(1);
    expect(await store.sessions.end({ sid, userId: owner.id }, "revoked")).toBe("ended");
  });

  test("LO-01: end all at once, or all others", async () => {
    const store = await backend.open();
    const [mine, theirs] = [await newAccount(store), await newAccount(store)];
    const sessions = [await openSession(store, mine.id), await openSession(store, mine.id)] as const;
    await openCookieSession(store, mine.id, newSecretHash());
    const untouched = await openSession(store, theirs.id);

    expect(await store.sessions.endAll(mine.id, sessions[0].sid, "logout")).toBe(2);
    expect((await store.sessions.list(mine.id)).map(({ sid }) => sid)).toEqual([sessions[0].sid]);
    expect(await store.sessions.endAll(mine.id, null, "logout")).toBe(1);
    expect(await store.sessions.endAll(mine.id, null, "logout")).toBe(0);

    for (const { sid, issuedAt } of sessions) expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect(await isRevoked(store, untouched.sid, untouched.issuedAt)).toBe(false);
    // Cookie sessions have no tokens, so verifiers need not hear of them.
    expect((await store.revocations.snapshot()).sessions).toHaveLength(2);
    expect((await eventsOf(store, mine.id)).slice(4)).toEqual(["sessions_ended", "sessions_ended"]);
  });

  test("LO-01: many ended at once from many instances wait for each other and never block each other for good", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    const { id } = await newAccount(store);
    for (let round = 0; round < 5; round += 1) {
      const opened = await Promise.all(times(12, () => openSession(store, id)));
      const counts = await Promise.all([
        ...times(6, (index) => (stores[index % 3] ?? store).sessions.endAll(id, null, "logout")),
        ...opened.map(async ({ sid }, index) => {
          const outcome = await (stores[index % 3] ?? store).sessions.end({ sid }, "logout");
          return outcome === "ended" ? 1 : 0;
        }),
      ]);
      expect(counts.reduce<number>((sum, count) => sum + Number(count), 0)).toBe(12);
    }
    expect((await store.revocations.snapshot()).cursor.number).toBe(60);
  });

  test("are told to introspection, living or not", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    await store.sessions.renew({ sid, generation: 0 });
    const state = {
      userId: id,
      clientId: "first-party",
      current: 1,
      previous: 0,
      pending: null,
      tokensBefore: 0,
    };
    expect(await store.sessions.find(sid)).toEqual({ live: true, ...state });
    await store.sessions.end({ sid }, "revoked");
    expect(await store.sessions.find(sid)).toEqual({ live: false, ...state });
    expect(await store.sessions.find("nothing")).toBeUndefined();
  });

  test("TI-03: a cookie session is never renewed by a token, and a token session never found by a cookie", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const cookie = await openCookieSession(store, id, newSecretHash());
    const token = await openSession(store, id);
    expect(await store.sessions.renew({ sid: cookie.sid, generation: 0 })).toEqual({ outcome: "unknown" });
    expect(await store.sessions.useCookie(token.sid)).toBeUndefined();
  });
});

describe.each(backends)("cookie sessions on $name", (backend) => {
  test("SE-03: are found by the hash of their secret while they live and their user is active", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store, ["user"]);
    const secretHash = newSecretHash();
    const { sid } = await openCookieSession(store, id, secretHash);
    expect(await store.sessions.useCookie(secretHash)).toMatchObject({ sid, userId: id, roles: ["user"] });
    expect(await store.sessions.useCookie(newSecretHash())).toBeUndefined();

    await store.accounts.setRoles(id, ["user", "admin"]);
    expect(await store.sessions.useCookie(secretHash)).toMatchObject({ roles: ["user", "admin"] });

    expect(await store.sessions.endCookie(secretHash)).toBe("ended");
    expect(await store.sessions.endCookie(secretHash)).toBe("already_ended");
    expect(await store.sessions.endCookie(newSecretHash())).toBe("unknown");
    expect(await store.sessions.useCookie(secretHash)).toBeUndefined();
    expect((await store.revocations.snapshot()).sessions).toEqual([]);
  });

  test("SE-06: end with the disabling of their user", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const secretHash = newSecretHash();
    await openCookieSession(store, id, secretHash);
    await store.accounts.setStatus(id, "disabled");
    expect(await store.sessions.useCookie(secretHash)).toBeUndefined();
    await store.accounts.setStatus(id, "active");
    expect(await store.sessions.useCookie(secretHash)).toBeUndefined();
  });

  test("SE-04: use keeps them from going idle, written down once a minute; nothing outlives the absolute limit", async () => {
    const clock = createClock();
    const limits = { graceSeconds: 10, idleSeconds: 1800, absoluteSeconds: 4 * 3600 };
    const store = await backend.open({ nowMs: clock.nowMs, sessions: limits });
    const { id } = await newAccount(store);
    const secretHash = newSecretHash();
    await openCookieSession(store, id, secretHash);
    const openedAtMs = clock.nowMs();
    const lastUsed = async (): Promise<number | undefined> =>
      (await store.sessions.list(id))[0]?.lastUsedAtMs;

    clock.advanceMs(59_999);
    await store.sessions.useCookie(secretHash);
    expect(await lastUsed()).toBe(openedAtMs);
    clock.advanceMs(1);
    await store.sessions.useCookie(secretHash);
    expect(await lastUsed()).toBe(openedAtMs + 60_000);

    // 1799 s later it lives and starts anew; after another 1800 s unused it does not.
    clock.advanceSeconds(1799);
    expect(await store.sessions.useCookie(secretHash)).toBeDefined();
    clock.advanceSeconds(1800);
    expect(await store.sessions.useCookie(secretHash)).toBeUndefined();

    const second = newSecretHash();
    await openCookieSession(store, id, second);
    for (let used = 0; used < 4 * 3600 - 1000; used += 1000) {
      clock.advanceSeconds(1000);
      expect(await store.sessions.useCookie(second)).toBeDefined();
    }
    clock.advanceSeconds(400);
    expect(await store.sessions.useCookie(second)).toBeUndefined();
  });
});

describe.each(backends)("forgetting on $name", (backend) => {
  test("takes sessions that ended or passed a limit a day ago, and no others", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const ended = await openSession(store, id);
    const idle = await openSession(store, id);
    const old = await openSession(store, id);
    await store.sessions.end({ sid: ended.sid }, "logout");
    expect(await store.sessions.prune()).toBe(0);

    clock.advanceSeconds(day + 1);
    expect(await store.sessions.prune()).toBe(1);
    expect(await store.sessions.renew({ sid: ended.sid, generation: 0 })).toEqual({ outcome: "unknown" });

    // The others fourteen days unused, one of them kept going.
    clock.advanceSeconds(12 * day);
    await store.sessions.renew({ sid: old.sid, generation: 0 });
    clock.advanceSeconds(2 * day);
    expect(await store.sessions.prune()).toBe(1);
    expect(await store.sessions.find(idle.sid)).toBeUndefined();

    for (let generation = 1; generation < 4; generation += 1) {
      clock.advanceSeconds(4 * day);
      const { outcome } = await store.sessions.renew({ sid: old.sid, generation });
      expect(outcome).toBe("renewed");
    }
    clock.advanceSeconds(4 * day);
    expect(await store.sessions.prune()).toBe(1);
    expect(await store.sessions.find(old.sid)).toBeUndefined();
  });
});
