// Step-ups against every order of events: what is pending, what was held before, lost answers and a stolen copy.
import { describe, expect, test } from "vitest";
import type { SessionGrant } from "../../src/sessions/session.ts";
import { backends } from "../database/backends.ts";
import { createClock, eventsOf, newAccount, openSession, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import {
  keyOf,
  type Level,
  newWorld,
  owner,
  pastGrace,
  present,
  type Reply,
  type Row,
  type Step,
  stepUp,
  steps,
  type World,
} from "./raising-world.ts";

/** Half of the grace. */
const slotMs = 5000;
const base = 100_000;

const amrOf = (level: Level): string[] => (level === 2 ? ["pwd", "otp", "mfa"] : ["pwd"]);
const levelOf = (amr: readonly string[]): Level => (amr.includes("mfa") ? 2 : 1);

function* rows(): Generator<Row> {
  for (const ended of [false, true]) {
    for (const age of ended ? [0] : [0, 2, pastGrace]) {
      for (const previous of [null, -1]) {
        // One that is not above the current one was given up.
        for (const pending of [null, 0, 1, 1024]) {
          for (const level of [1, 2] as const) yield { current: 0, previous, pending, age, level, ended };
        }
      }
    }
  }
}

describe.each(backends)("the table of a session that rises on $name", (backend) => {
  async function setUp() {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id: userId } = await newAccount(store);
    const { sid, authTime } = await openSession(store, userId);
    const { db } = store.database;
    /** All numbers count from `base`. */
    const put = async (row: Row, pendingAt: number): Promise<void> => {
      const nowMs = clock.nowMs();
      const at = (generation: number | null): number | null =>
        generation === null ? null : base + generation;
      await db
        .updateTable("sessions")
        .set({
          current: base + row.current,
          previous: at(row.previous),
          pending: at(row.pending),
          pending_amr: row.pending === null ? null : JSON.stringify(amrOf(2)),
          pending_at: row.pending === null ? null : pendingAt,
          amr: JSON.stringify(amrOf(row.level)),
          proved_at: null,
          tokens_before: 0,
          renewed_at: nowMs - row.age * slotMs,
          ended_at: row.ended ? nowMs : null,
          end_reason: row.ended ? "logout" : null,
        })
        .where("sid", "=", sid)
        .execute();
    };
    const read = async (): Promise<Row> => {
      const after = await db
        .selectFrom("sessions")
        .select(["current", "previous", "pending", "amr", "renewed_at", "ended_at"])
        .where("sid", "=", sid)
        .executeTakeFirstOrThrow();
      return {
        current: after.current - base,
        previous: after.previous === null ? null : after.previous - base,
        pending: after.pending === null ? null : after.pending - base,
        level: levelOf(JSON.parse(after.amr) as string[]),
        age: (clock.nowMs() - after.renewed_at) / slotMs,
        ended: after.ended_at !== null,
      };
    };
    return { store, clock, userId, sid, authTime, put, read };
  }

  test("UP-01 to UP-03: every row and every generation are decided as it says", async () => {
    const { store, clock, sid, put, read } = await setUp();
    for (const row of rows()) {
      for (const generation of [-2, -1, 0, 1023, 1024, 1025]) {
        const question = `${JSON.stringify(row)} presented ${generation}`;
        await put(row, clock.nowMs());
        const renewal = await store.sessions.renew({ sid, generation: base + generation });
        const isAccepted = renewal.outcome === "renewed" || renewal.outcome === "repeated";
        const reply: Reply = isAccepted
          ? { generation: renewal.generation - base, level: levelOf(renewal.grant.amr) }
          : "refused";
        expect({ row: await read(), reply }, question).toEqual(present(row, generation));
      }
    }
  });

  test("UP-01, UP-02: every step-up keeps the row as it says, for who holds what is pending and for who does not", async () => {
    const { store, clock, sid, userId, authTime, put, read } = await setUp();
    for (const row of rows()) {
      if (row.ended) continue;
      for (const holdsPending of [true, false]) {
        const pendingAt = (authTime + 1) * 1000;
        await put(row, pendingAt);
        const raised = await store.sessions.raise(
          { userId, asking: { sid }, authTime: authTime + (holdsPending ? 1 : 0), amr: amrOf(2) },
          { kind: "token" },
        );
        const question = `${JSON.stringify(row)} ${holdsPending}`;
        const expected = stepUp(row, holdsPending);
        expect(await read(), question).toEqual(expected);
        expect(raised, question).toMatchObject({
          outcome: "raised",
          generation: base + (expected.pending ?? 0),
          grant: { sid, amr: amrOf(2) },
        });
        clock.advanceMs(2000);
        // So that no proof lies ahead.
        await store.database.db.updateTable("sessions").set({ pending_at: null }).execute();
      }
    }
  });
});

describe.each(backends)("many at once on $name", (backend) => {
  const raise = (store: Store, { userId, sid, authTime }: SessionGrant) =>
    store.sessions.raise({ userId, asking: { sid }, authTime, amr: amrOf(2) }, { kind: "token" });

  /** Three instances on a clock that stands still, so that no grace passes on a busy machine. */
  async function setUp() {
    const { nowMs } = createClock();
    const instances = await backend.openInstances(3, { nowMs });
    const [store] = instances;
    if (store === undefined) throw new TypeError("no instance");
    const { id } = await newAccount(store);
    const session = await openSession(store, id);
    const raised = await raise(store, session);
    if (raised.outcome !== "raised") throw new TypeError(`it was ${raised.outcome}`);
    const presentOn = async (index: number, generation: number) =>
      (instances[index % 3] ?? store).sessions.renew({ sid: session.sid, generation });
    return { store, session, pending: raised.generation, presentOn };
  }

  test("UP-01: 64 first presentations have one successor, of the raised level, and the trail tells it once", async () => {
    const { store, session, pending, presentOn } = await setUp();
    const renewals = await Promise.all(times(64, (index) => presentOn(index, pending)));
    expect(renewals.filter(({ outcome }) => outcome === "renewed")).toHaveLength(1);
    for (const renewal of renewals)
      expect(renewal).toMatchObject({ generation: pending + 1, grant: { amr: amrOf(2) } });
    const events = await eventsOf(store, session.userId);
    expect(events.filter((event) => event === "session_raised")).toHaveLength(1);
  });

  test("UP-03: of 64 that present the one or the other, no older token has the raised level, or outlives it", async () => {
    const { session, pending, presentOn, store } = await setUp();
    const renewals = await Promise.all(
      times(64, async (index) => {
        const generation = index % 2 === 0 ? 0 : pending;
        return { generation, renewal: await presentOn(index, generation) };
      }),
    );
    for (const { generation, renewal } of renewals) {
      if (renewal.outcome !== "renewed" && renewal.outcome !== "repeated") continue;
      expect(renewal.grant.amr).toEqual(amrOf(generation === 0 ? 1 : 2));
    }
    // Where no older one came after the raised one, the next to come ends the session.
    const { outcome } = await presentOn(0, 0);
    expect(["reused", "ended"]).toContain(outcome);
    expect((await store.sessions.find(session.sid))?.live).toBe(false);
  });

  test("UP-02: of what 64 step-ups at once gave, each is another, and what is presented first goes on", async () => {
    const { store, session, presentOn } = await setUp();
    const raised = await Promise.all(times(64, () => raise(store, session)));
    const given = raised.flatMap((one) => (one.outcome === "raised" ? [one.generation] : []));
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given).size).toBe(given.length);
    expect(raised.filter(({ outcome }) => outcome === "too_soon")).toHaveLength(64 - given.length);
    expect((await presentOn(0, Math.min(...given))).outcome).toBe("renewed");
  });
});

describe("every order of events", () => {
  /** Comes through every reachable world over every step; answers how many there are, and what was found wrong. */
  function explore(
    first: World,
    findFault: (world: World, cause: Step | undefined) => string | undefined,
  ): { worlds: number; faults: readonly string[] } {
    const seen = new Set([keyOf(first)]);
    const open = [first];
    const faults = new Set<string>();
    for (let world = open.pop(); world !== undefined; world = open.pop()) {
      for (const step of steps(world)) {
        const fault = findFault(step.world, step);
        if (fault !== undefined) faults.add(fault);
        const key = keyOf(step.world);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(step.world);
      }
    }
    return { worlds: seen.size, faults: [...faults] };
  }

  test("UP-02: tabs of one browser that step up are never locked out, whatever is lost, late or asked twice", () => {
    const { worlds, faults } = explore(newWorld([owner, owner, owner], 3, 3), ({ row, tokens }, cause) => {
      if (cause?.presented?.reply === "refused") return "a presentation was refused";
      const [token = null] = tokens;
      if (token === null || row.ended) return "a client was logged out";
      // Whatever is under way, the token in the storage will be taken.
      const { reply } = present({ ...row, age: pastGrace }, token.generation);
      return reply === "refused" ? "the token in the storage is worth nothing" : undefined;
    });
    expect(faults).toEqual([]);
    expect(worlds).toBeGreaterThan(3000);
  });

  test.each([
    ["two tabs and a thief", [owner, owner, 1], 2],
    ["an owner and a thief who go on for long", [owner, 1], 4],
    ["an owner and two thieves", [owner, 1, 2], 2],
  ])(
    "UP-03: with %s, no copy ever rises, and none is taken once its owner has",
    (_, storages, operations) => {
      let ends = 0;
      const { worlds, faults } = explore(newWorld(storages, operations, 2), ({ row, tokens }, cause) => {
        const { presented } = cause ?? {};
        if (row.ended) ends += 1;
        if (presented !== undefined && presented.by !== owner && presented.reply !== "refused") {
          if (presented.reply.level === 2) return "a copy rose";
        }
        if (row.ended || row.level === 1) return undefined;
        // The owner has presented what was pending, so whatever a thief holds ends the session.
        for (const [storage, token] of tokens.entries()) {
          if (storage === owner || token === null) continue;
          const { row: after, reply } = present({ ...row, age: pastGrace }, token.generation);
          if (reply !== "refused") return "a copy is taken after its owner has risen";
          if (!after.ended) return "a copy came, and the session went on";
        }
        return undefined;
      });
      expect(faults).toEqual([]);
      expect(ends).toBeGreaterThan(100);
      expect(worlds).toBeGreaterThan(1000);
    },
  );
});
