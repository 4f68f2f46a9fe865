// The renewal: the table of three integers, its limits, and its races.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Renewal } from "../../src/sessions/renewal.ts";
import type { Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";
import { createClock, eventsOf, isRevoked, newAccount, openSession, times } from "../database/fixtures.ts";

const day = 86_400;
const rounds = process.env["TEST_FULL"] === "1" ? 1000 : 25;

/** What a renewal decided, in one word and number. */
function brief(renewal: Renewal): string {
  switch (renewal.outcome) {
    case "renewed":
      return `${renewal.late ? "late" : "renewed"} ${renewal.generation}`;
    case "repeated":
      return `repeated ${renewal.generation}`;
    case "reused":
    case "from_future":
    case "ended":
    case "expired":
    case "inactive":
    case "unknown":
    case "outdated":
      return renewal.outcome;
  }
}

describe.each(backends)("a renewal on $name", (backend) => {
  /** A session on a clock of its own, and a way to present its tokens. */
  async function setUp() {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const { sid, issuedAt } = await openSession(store, id);
    const present = async (generation: number): Promise<string> =>
      brief(await store.sessions.renew({ sid, generation }));
    return { clock, store, userId: id, sid, issuedAt, present };
  }

  test("RR-01: the current generation gives its successor, each once", async () => {
    const { present, clock, store, sid } = await setUp();
    for (let generation = 0; generation < 5; generation += 1) {
      expect(await present(generation)).toBe(`renewed ${generation + 1}`);
      clock.advanceSeconds(600);
    }
    expect(await store.sessions.find(sid)).toMatchObject({ current: 5, previous: 4 });
  });

  test("RR-02: the previous generation gives the same successor again within the grace, and changes nothing", async () => {
    const { present, clock, store, sid, userId } = await setUp();
    await present(0);
    const before = await store.sessions.list(userId);
    for (const seconds of [0, 5, 5]) {
      clock.advanceSeconds(seconds);
      expect(await present(0)).toBe("repeated 1");
    }
    expect(await store.sessions.find(sid)).toMatchObject({ current: 1, previous: 0 });
    expect(await store.sessions.list(userId)).toEqual(before);
    expect(await present(1)).toBe("renewed 2");
  });

  test("RR-02: a repeated answer makes an access token with the date of the first one", async () => {
    const { clock, store, sid, issuedAt } = await setUp();
    await store.sessions.renew({ sid, generation: 0 });
    clock.advanceSeconds(7);
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({
      outcome: "repeated",
      grant: { issuedAt, askedAt: issuedAt + 7, authTime: issuedAt },
    });
  });

  test("RR-04: after the grace a lost reply is replaced by a new successor, and the lost one is dead", async () => {
    const { present, clock, store, userId, sid, issuedAt } = await setUp();
    await present(0);
    clock.advanceMs(10_001);
    expect(await present(0)).toBe("late 2");
    // Its own reply may be lost too.
    expect(await present(0)).toBe("repeated 2");
    clock.advanceSeconds(3600);
    expect(await present(0)).toBe("late 3");
    expect(await present(3)).toBe("renewed 4");
    // Whoever got the reply that was lost is not the owner.
    expect(await present(2)).toBe("reused");
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect((await eventsOf(store, userId)).slice(2)).toEqual([
      "renewal_late",
      "renewal_late",
      "renewal_reused",
    ]);
  });

  test("RR-03: an older generation ends the session, in the feed and the trail too, though the request fails", async () => {
    const { present, store, sid, userId, issuedAt } = await setUp();
    for (const generation of [0, 1, 2]) await present(generation);
    expect(await present(1)).toBe("reused");
    expect(await present(3)).toBe("ended");
    expect(await present(1)).toBe("ended");
    expect(await store.sessions.list(userId)).toEqual([]);
    // Tokens made from the newest generation too.
    expect(await isRevoked(store, sid, issuedAt + 600)).toBe(true);
    const [event] = await store.audit.list({ limit: 1, userId });
    expect(event).toMatchObject({ event: "renewal_reused", sid, detail: { presented: 1, current: 3 } });
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 3 });
  });

  test("RR-04: a thief one step behind is caught at the owner's next renewal, whoever comes first", async () => {
    const thiefFirst = await setUp();
    expect(await thiefFirst.present(0)).toBe("renewed 1"); // thief
    thiefFirst.clock.advanceSeconds(300);
    expect(await thiefFirst.present(0)).toBe("late 2"); // owner
    expect(await thiefFirst.present(1)).toBe("reused"); // thief

    const ownerFirst = await setUp();
    expect(await ownerFirst.present(0)).toBe("renewed 1"); // owner
    ownerFirst.clock.advanceSeconds(11);
    expect(await ownerFirst.present(0)).toBe("late 2"); // thief, one step behind
    expect(await ownerFirst.present(1)).toBe("reused"); // owner
  });

  test("RR-04: two holders cannot be told from two tabs that do not wait for each other, so tabs must", async () => {
    // While one tab's request with the first token is still under way, another presents the successor of its successor.
    const hasty = await setUp();
    expect(await hasty.present(0)).toBe("renewed 1");
    expect(await hasty.present(1)).toBe("renewed 2");
    expect(await hasty.present(0)).toBe("reused");

    // The first reply was lost; of two tabs that try again at the end of the grace, the later one's reply is lost too.
    const unlucky = await setUp();
    expect(await unlucky.present(0)).toBe("renewed 1");
    unlucky.clock.advanceMs(10_000);
    expect(await unlucky.present(0)).toBe("repeated 1");
    unlucky.clock.advanceMs(1);
    expect(await unlucky.present(0)).toBe("late 2");
    expect(await unlucky.present(1)).toBe("reused");
  });

  test("RR-07: a generation from the future is refused and audited, and nothing ends", async () => {
    const { present, store, userId, sid } = await setUp();
    expect(await present(1)).toBe("from_future");
    expect(await present(4_294_967_295)).toBe("from_future");
    expect(await present(0)).toBe("renewed 1");
    expect((await eventsOf(store, userId)).slice(2)).toEqual(["renewal_from_future", "renewal_from_future"]);
    const [event] = await store.audit.list({ limit: 1, userId });
    expect(event).toMatchObject({ sid, detail: { presented: 4_294_967_295, current: 0 } });
  });

  test("RS-02: a session that does not exist is unknown, and leaves no trace", async () => {
    const { store } = await setUp();
    const { rows } = (await store.audit.verifyChain()) as { rows: number };
    expect(await store.sessions.renew({ sid: "AAAAAAAAAAAAAAAAAAAAAA", generation: 0 })).toEqual({
      outcome: "unknown",
    });
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows });
  });

  test("RR-05: fourteen days unused end it, to the millisecond; a renewal starts them anew", async () => {
    const { present, clock } = await setUp();
    clock.advanceMs(14 * day * 1000 - 1);
    expect(await present(0)).toBe("renewed 1");
    clock.advanceMs(14 * day * 1000 - 1);
    expect(await present(1)).toBe("renewed 2");
    const idle = await setUp();
    idle.clock.advanceMs(14 * day * 1000);
    expect(await idle.present(0)).toBe("expired");
  });

  test("RR-05: a repeated answer does not keep a session from going idle", async () => {
    const { present, clock } = await setUp();
    await present(0);
    clock.advanceSeconds(10);
    expect(await present(0)).toBe("repeated 1");
    clock.advanceSeconds(14 * day - 10);
    expect(await present(1)).toBe("expired");
  });

  test("RR-05: thirty days after the log-in it ends, to the millisecond, however much it is used", async () => {
    const { present, clock, store, sid, userId } = await setUp();
    let generation = 0;
    for (let days = 0; days < 29; days += 1) {
      clock.advanceSeconds(day);
      expect(await present(generation)).toBe(`renewed ${generation + 1}`);
      generation += 1;
    }
    clock.advanceMs(day * 1000 - 1);
    expect(await present(generation)).toBe(`renewed ${generation + 1}`);
    clock.advanceMs(1);
    expect(await present(generation + 1)).toBe("expired");
    // Not even reuse is worth a word then.
    expect(await present(3)).toBe("expired");
    expect(await store.sessions.find(sid)).toMatchObject({ live: false });
    expect(await store.sessions.list(userId)).toEqual([]);
  });

  test("RR-08: the roles are those of now, not those of the log-in", async () => {
    const { store, userId, sid } = await setUp();
    await store.accounts.setRoles(userId, ["auditor"]);
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({
      grant: { roles: ["auditor"] },
    });
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({
      grant: { roles: ["auditor"] },
    });
  });

  test("RR-08: a session that outlived the disabling of its user by some fault renews nothing all the same", async () => {
    const { store, userId, present } = await setUp();
    await store.database.db
      .updateTable("users")
      .set({ status: "disabled" })
      .where("id", "=", userId)
      .execute();
    expect(await present(0)).toBe("inactive");
    await store.database.db.updateTable("users").set({ status: "active" }).where("id", "=", userId).execute();
    expect(await present(0)).toBe("renewed 1");
  });

  test("LO-01: after a log-out no generation is worth anything, and reuse is not reported", async () => {
    const { store, sid, present, userId } = await setUp();
    for (const generation of [0, 1, 2]) await present(generation);
    await store.sessions.end({ sid }, "logout");
    for (const generation of [0, 1, 2, 3, 4]) expect(await present(generation)).toBe("ended");
    expect((await eventsOf(store, userId)).at(-1)).toBe("session_ended");
  });

  test("RR-09: a log-out between any two renewals leaves nothing alive, on a clock that stepped back too", async () => {
    const { store, sid, present, clock } = await setUp();
    await present(0);
    clock.advanceSeconds(3600);
    const renewal = await store.sessions.renew({ sid, generation: 1 });
    const issuedAt = renewal.outcome === "renewed" ? renewal.grant.issuedAt : 0;
    clock.advanceSeconds(-3600);
    await store.sessions.end({ sid }, "logout");
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    clock.advanceSeconds(3600);
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
  });
});

describe.each(backends)("races on $name", (backend) => {
  async function setUp(): Promise<{ stores: Store[]; store: Store; userId: string }> {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) throw new TypeError("three instances were opened");
    const { id } = await newAccount(store);
    return { stores, store, userId: id };
  }

  test(`RR-01: 64 renewals of one token at once over three instances make one generation, ${rounds} times`, async () => {
    const { stores, store, userId } = await setUp();
    const { sid } = await openSession(store, userId);
    for (let generation = 0; generation < rounds; generation += 1) {
      const renewals = await Promise.all(
        times(64, (index) => (stores[index % 3] ?? store).sessions.renew({ sid, generation })),
      );
      const answers = renewals.map(brief);
      expect(answers.filter((answer) => answer === `renewed ${generation + 1}`)).toHaveLength(1);
      expect(answers.filter((answer) => answer === `repeated ${generation + 1}`)).toHaveLength(63);
    }
    expect(await store.sessions.find(sid)).toMatchObject({
      current: rounds,
      previous: rounds - 1,
      live: true,
    });
  });

  test("RR-03: of 64 reuses at once one ends the session, and the trail tells it once", async () => {
    const { stores, store, userId } = await setUp();
    const { sid } = await openSession(store, userId);
    for (const generation of [0, 1]) await store.sessions.renew({ sid, generation });
    const renewals = await Promise.all(
      times(64, (index) => (stores[index % 3] ?? store).sessions.renew({ sid, generation: 0 })),
    );
    const answers = renewals.map(brief);
    expect(answers.filter((answer) => answer === "reused")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "ended")).toHaveLength(63);
    expect((await store.revocations.snapshot()).cursor.number).toBe(1);
    expect((await eventsOf(store, userId)).slice(2)).toEqual(["renewal_reused"]);
  });

  test("RR-04: of 64 late returns of a token at once, one makes the new successor and the others get the same", async () => {
    const clock = createClock();
    const stores = await backend.openInstances(3, { nowMs: clock.nowMs });
    const [store] = stores;
    if (store === undefined) return;
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    await store.sessions.renew({ sid, generation: 0 });
    clock.advanceSeconds(11);
    const renewals = await Promise.all(
      times(64, (index) => (stores[index % 3] ?? store).sessions.renew({ sid, generation: 0 })),
    );
    const answers = renewals.map(brief);
    expect(answers.filter((answer) => answer === "late 2")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "repeated 2")).toHaveLength(63);
  });

  test.each(["log-out", "log-out everywhere", "disabling", "password change", "deletion"] as const)(
    "RR-09: a %s racing with renewals leaves nothing alive, in any order",
    async (cause) => {
      const { stores, store } = await setUp();
      for (let round = 0; round < 8; round += 1) {
        const { id: userId } = await newAccount(store);
        const { sid } = await openSession(store, userId);
        const end = {
          "log-out": () => stores[1]?.sessions.end({ sid }, "logout"),
          "log-out everywhere": () => stores[1]?.sessions.endAll(userId, null, "logout"),
          disabling: () => stores[1]?.accounts.setStatus(userId, "disabled"),
          "password change": () =>
            stores[1]?.accounts.changePassword({ userId, passwordVersion: 1, newHash: "x" }),
          deletion: () => stores[1]?.accounts.delete(userId),
        }[cause];
        const [, ...renewals] = await Promise.all([
          end(),
          ...times(8, (index) => (stores[index % 3] ?? store).sessions.renew({ sid, generation: 0 })),
        ]);
        for (const renewal of renewals) {
          if (renewal.outcome !== "renewed" && renewal.outcome !== "repeated") continue;
          expect(await isRevoked(store, sid, renewal.grant.issuedAt)).toBe(true);
        }
        for (const generation of [0, 1]) {
          const { outcome } = await store.sessions.renew({ sid, generation });
          expect(outcome).toBe(cause === "deletion" ? "unknown" : "ended");
        }
        expect(await store.sessions.list(userId)).toEqual([]);
      }
    },
  );
});

describe.each(backends)("the clock on $name", (backend) => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([-600, 600])(
    "RR-06: an instance whose own clock is %i s off decides as all others do",
    async (skew) => {
      const stores = await backend.openInstances(2, { sessions: { graceSeconds: 60 } });
      const [store, skewed] = stores;
      if (store === undefined || skewed === undefined) return;
      const { id } = await newAccount(store);
      const { sid, authTime } = await openSession(store, id);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + skew * 1000 });
      const renewal = await skewed.sessions.renew({ sid, generation: 0 });
      expect(brief(renewal)).toBe("renewed 1");
      expect(brief(await skewed.sessions.renew({ sid, generation: 0 }))).toBe("repeated 1");
      const issuedAt = renewal.outcome === "renewed" ? renewal.grant.issuedAt : 0;
      expect(issuedAt - authTime).toBeLessThan(30);
    },
  );
});
