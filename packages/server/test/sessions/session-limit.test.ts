// How many live sessions one user may have, whatever comes at once.
import { describe, expect, test } from "vitest";
import { backends, openOn } from "../database/backends.ts";
import {
  createClock,
  isRevoked,
  newAccount,
  openCookieSession,
  openSession,
  times,
  tryOpen,
} from "../database/fixtures.ts";

/** Log-ins of one user take turns; on a busy machine the fiftieth may wait for longer than any client would. */
const patience = { graceSeconds: 60 };

describe.each(backends)("the limit of sessions on $name", (backend) => {
  test("SE-05: 50 logins at once over three instances under a limit of 5 leave exactly 5, and the others are revoked", async () => {
    const stores = await backend.openInstances(3, {
      statementTimeoutMs: 20_000,
      sessions: { perUser: 5, ...patience },
    });
    const [store] = stores as [(typeof stores)[number]];
    const { id } = await newAccount(store);
    const other = await newAccount(store);
    const untouched = await openSession(store, other.id);
    for (let round = 1; round <= 3; round += 1) {
      const grants = await Promise.all(times(50, (index) => openSession(stores[index % 3] ?? store, id)));
      const live = (await store.sessions.list(id)).map(({ sid }) => sid);
      expect(live).toHaveLength(5);
      for (const { sid, issuedAt } of grants) {
        const isLive = live.includes(sid);
        const renewal = await store.sessions.renew({ sid, generation: 0 });
        expect(renewal.outcome).toBe(isLive ? "renewed" : "ended");
        expect(await isRevoked(store, sid, issuedAt)).toBe(!isLive);
      }
      // Each login has displaced at most one, and nothing was ended twice.
      const trail = await store.audit.list({ limit: 1000, userId: id });
      const ended = trail.filter(({ event }) => event === "session_ended");
      expect(ended).toHaveLength(50 * round - 5);
      expect(new Set(ended.map(({ sid }) => sid)).size).toBe(ended.length);
      expect(new Set(ended.map(({ detail }) => detail["by"])).size).toBe(ended.length);
    }
    expect(await store.sessions.find(untouched.sid)).toMatchObject({ live: true });
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact" });
  });

  test("SE-05: logins, renewals and logouts at once never leave more than the limit", async () => {
    const stores = await backend.openInstances(3, { sessions: { perUser: 3, ...patience } });
    const [store] = stores as [(typeof stores)[number]];
    const { id } = await newAccount(store);
    const grants = await Promise.all(times(3, () => openSession(store, id)));
    await Promise.all([
      ...times(12, (index) => tryOpen(stores[index % 3] ?? store, id)),
      ...grants.flatMap(({ sid }, index) => [
        stores[index % 3]?.sessions.renew({ sid, generation: 0 }),
        stores[(index + 1) % 3]?.sessions.end({ sid }, "logout"),
      ]),
    ]);
    const left = await store.sessions.list(id);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThanOrEqual(3);
  });

  test("SE-05: sessions of both kinds count together, the longest unused goes, and those that are over do not count", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs, sessions: { perUser: 3, idleSeconds: 600 } });
    const { id } = await newAccount(store);
    const names = new Map<string, string>();
    const live = async (): Promise<string[]> =>
      (await store.sessions.list(id))
        .map(({ sid }) => names.get(sid) ?? "")
        .toSorted((a, b) => (a < b ? -1 : 1));
    const add = async (name: string, kind: "token" | "cookie"): Promise<string> => {
      const opening = kind === "cookie" ? openCookieSession(store, id, name) : openSession(store, id);
      const { sid } = await opening;
      names.set(sid, name);
      clock.advanceSeconds(60);
      return sid;
    };
    await add("idle", "token");
    clock.advanceSeconds(600);
    const phone = await add("phone", "token");
    await add("browser", "cookie");
    await add("script 1", "token");
    expect(await live()).toEqual(["browser", "phone", "script 1"]);

    await store.sessions.renew({ sid: phone, generation: 0 });
    await store.sessions.useCookie("browser");
    await add("script 2", "token");
    expect(await live()).toEqual(["browser", "phone", "script 2"]);
    await store.sessions.end({ sid: phone }, "logout");
    await add("script 3", "token");
    expect(await live()).toEqual(["browser", "script 2", "script 3"]);
    await add("script 4", "token");
    expect(await live()).toEqual(["script 2", "script 3", "script 4"]);
    expect(await store.sessions.useCookie("browser")).toBeUndefined();
  });

  test("SE-05: a limit that was lowered takes effect with the next login; one that is refused ends nothing", async () => {
    const url = await backend.newUrl();
    const before = await openOn(url, { sessions: { perUser: 10 } });
    const { id } = await newAccount(before);
    await Promise.all(times(10, () => openSession(before, id)));
    await before.close();
    const after = await openOn(url, { sessions: { perUser: 1 } });
    expect(await tryOpen(after, id, 7)).toEqual({ outcome: "refused" });
    expect(await after.sessions.list(id)).toHaveLength(10);
    const { sid } = await openSession(after, id);
    expect((await after.sessions.list(id)).map((entry) => entry.sid)).toEqual([sid]);
  });
});
