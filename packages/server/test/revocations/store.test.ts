// The revocation log: in the order of commits, without gaps, no longer than it must be.
import { describe, expect, test } from "vitest";
import type { RevocationEntry } from "../../src/database/revocation-entry.ts";
import type { NumberedRevocation } from "../../src/revocations/store.ts";
import { backends } from "../database/backends.ts";
import { createClock, cursorAt, isRevoked, newAccount, openSession, times } from "../database/fixtures.ts";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";

describe.each(backends)("revocations on $name", (backend) => {
  test("LO-01: are read after a cursor, and whole as a snapshot", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const [first, second, third] = [
      await openSession(store, id),
      await openSession(store, id),
      await openSession(store, id),
    ];
    await store.sessions.end({ sid: first.sid }, "logout");
    await store.sessions.end({ sid: second.sid }, "logout");
    await store.sessions.end({ sid: third.sid }, "logout");

    const now = clock.nowMs() / 1000;
    const entryOf = (sid: string) => ({ sid, tokensBefore: now + 960, expiresAt: now + 960 });
    expect(await store.revocations.since(await cursorAt(store, 0), 2)).toEqual({
      outcome: "entries",
      entries: [
        { seq: 1, entry: entryOf(first.sid) },
        { seq: 2, entry: entryOf(second.sid) },
      ],
      cursor: await cursorAt(store, 2),
    });
    expect(await store.revocations.since(await cursorAt(store, 2), 100)).toEqual({
      outcome: "entries",
      entries: [{ seq: 3, entry: entryOf(third.sid) }],
      cursor: await cursorAt(store, 3),
    });
    expect(await store.revocations.since(await cursorAt(store, 3), 100)).toEqual({
      outcome: "entries",
      entries: [],
      cursor: await cursorAt(store, 3),
    });
    expect(await store.revocations.snapshot()).toEqual({
      cursor: await cursorAt(store, 3),
      tokensBefore: null,
      sessions: [entryOf(first.sid), entryOf(second.sid), entryOf(third.sid)],
      keys: [],
    });
  });

  test("LO-01: are forgotten when no token that they concern can live, and older cursors are told to start anew", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs, accessTokenLifetimeSeconds: 600 });
    const { id } = await newAccount(store);
    const [early, late] = [await openSession(store, id), await openSession(store, id)];
    await store.sessions.end({ sid: early.sid }, "logout");
    clock.advanceSeconds(500);
    await store.sessions.end({ sid: late.sid }, "logout");

    // 900 s for the longest usual life of a token, 60 s for clocks that differ.
    clock.advanceSeconds(459);
    expect(await store.revocations.prune()).toBe(0);
    clock.advanceSeconds(1);
    expect((await store.revocations.snapshot()).sessions.map(({ sid }) => sid)).toEqual([late.sid]);
    expect(await store.revocations.prune()).toBe(1);
    expect(await store.revocations.prune()).toBe(0);

    expect(await store.revocations.since(await cursorAt(store, 0), 100)).toEqual({
      outcome: "reset",
      cursor: await cursorAt(store, 2),
    });
    expect(await store.revocations.since(await cursorAt(store, 1), 100)).toMatchObject({
      outcome: "entries",
      cursor: await cursorAt(store, 2),
    });
    clock.advanceSeconds(500);
    expect(await store.revocations.prune()).toBe(1);
    expect(await store.revocations.snapshot()).toMatchObject({
      cursor: await cursorAt(store, 2),
      sessions: [],
    });
    expect(await store.revocations.since(await cursorAt(store, 1), 100)).toEqual({
      outcome: "reset",
      cursor: await cursorAt(store, 2),
    });
    expect(await store.revocations.since(await cursorAt(store, 2), 100)).toEqual({
      outcome: "entries",
      entries: [],
      cursor: await cursorAt(store, 2),
    });
    // A cursor from a database that was since restored from a backup.
    expect(await store.revocations.since(await cursorAt(store, 3), 100)).toEqual({
      outcome: "reset",
      cursor: await cursorAt(store, 2),
    });
  });

  test("LO-02: two for one session count as the stricter", async () => {
    const store = await backend.open();
    const { id } = await newAccount(store);
    const { sid, issuedAt } = await openSession(store, id);
    await store.accounts.setRoles(id, []);
    await store.sessions.end({ sid }, "logout");
    const { sessions, cursor } = await store.revocations.snapshot();
    expect(cursor.number).toBe(2);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.tokensBefore).toBeGreaterThanOrEqual(issuedAt + 900);
  });

  test("LO-04: everything before now dies, and what sessions get from then on lives", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const { sid, issuedAt } = await openSession(store, id);
    const { tokensBefore } = await revokeEverything(store.database, { actorId: "root" });
    expect(tokensBefore).toBe(issuedAt + 1);
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect(await store.sessions.find(sid)).toMatchObject({ live: true, tokensBefore });

    // In the same second still.
    const renewal = await store.sessions.renew({ sid, generation: 0 });
    const renewedAt = renewal.outcome === "renewed" ? renewal.grant.issuedAt : 0;
    expect(await isRevoked(store, sid, renewedAt)).toBe(false);
    const opened = await openSession(store, id);
    expect(await isRevoked(store, opened.sid, opened.issuedAt)).toBe(false);

    // Declared again in that second, what was dated ahead dies too.
    expect(await revokeEverything(store.database)).toMatchObject({ tokensBefore: issuedAt + 2 });
    expect(await isRevoked(store, opened.sid, opened.issuedAt)).toBe(true);

    clock.advanceSeconds(962);
    expect(await store.revocations.prune()).toBe(2);
    expect(await store.revocations.snapshot()).toMatchObject({
      cursor: await cursorAt(store, 2),
      tokensBefore: null,
    });
  });

  test("KM-07: a revoked key stays in the snapshot for good", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    await store.database.change(async ({ revoke }) => revoke({ kid: "stolen" }));
    clock.advanceSeconds(365 * 86_400);
    expect(await store.revocations.prune()).toBe(0);
    expect(await store.revocations.snapshot()).toMatchObject({
      cursor: await cursorAt(store, 1),
      keys: ["stolen"],
    });
    expect(await store.revocations.since(await cursorAt(store, 0), 10)).toMatchObject({
      entries: [{ seq: 1, entry: { kid: "stolen" } }],
    });
  });

  test("LO-01: reach listeners of the instance that commits them before the verb returns, and no others", async () => {
    const [store, other] = await backend.openInstances(2);
    if (store === undefined || other === undefined) return;
    const heard: RevocationEntry[] = [];
    const stop = store.onRevocations((entries) => heard.push(...entries));
    const { id } = await newAccount(store);
    const [first, second] = [await openSession(store, id), await openSession(store, id)];
    expect(heard).toEqual([]);
    const ending = store.sessions.end({ sid: first.sid }, "logout");
    await ending;
    expect(heard).toMatchObject([{ sid: first.sid }]);
    // What is undone was never said.
    await expect(
      store.database.change(async ({ revoke }) => {
        revoke({ kid: "not revoked" });
        throw new TypeError("changed our mind");
      }),
    ).rejects.toThrow("changed our mind");
    expect(heard).toHaveLength(1);
    stop();
    await store.sessions.end({ sid: second.sid }, "logout");
    expect(heard).toHaveLength(1);
    expect(await other.revocations.snapshot()).toMatchObject({ cursor: await cursorAt(store, 2), keys: [] });
  });

  test("MI-01: a follower that reads while three instances write never misses one, and sees them without gaps", async () => {
    const stores = await backend.openInstances(3, { sessions: { graceSeconds: 60 } });
    const [store, , follower] = stores;
    if (store === undefined || follower === undefined) return;
    const { id } = await newAccount(store);
    const sessions = await Promise.all(times(60, () => openSession(store, id)));

    const seen: NumberedRevocation[] = [];
    const isWriting = { value: true };
    const following = (async () => {
      for (let cursor = await cursorAt(store, 0); isWriting.value || cursor.number < 60;) {
        const page = await follower.revocations.since(cursor, 7);
        if (page.outcome === "reset") throw new TypeError("nothing was pruned");
        seen.push(...page.entries);
        cursor = page.cursor;
        if (page.entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await Promise.all(
      sessions.map(({ sid }, index) => (stores[index % 3] ?? store).sessions.end({ sid }, "logout")),
    );
    isWriting.value = false;
    await following;
    expect(seen.map(({ seq }) => seq)).toEqual(times(60, (index) => index + 1));
    const sids = seen.map(({ entry }) => ("sid" in entry ? entry.sid : ""));
    expect(new Set(sids)).toEqual(new Set(sessions.map(({ sid }) => sid)));
  });
});
