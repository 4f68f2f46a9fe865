// The renewal against every order of events: three clients of one session, four operations each.
import { beforeAll, describe, expect, test } from "vitest";
import { openStore, type Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, openSession, type TestClock } from "../database/fixtures.ts";
import {
  keyOf,
  type Manners,
  newWorld,
  pastGrace,
  type Row,
  type Server,
  type Step,
  steps,
  type Verdict,
  type World,
} from "./renewal-world.ts";

/** Half of the grace. */
const slotMs = 5000;

/** Rows with every age and end, whose previous generation lies up to `reach` behind the current one, which is 0. */
function* rowsWithin(reach: number): Generator<Row> {
  for (const ended of [false, true]) {
    for (let age = 0; age <= pastGrace; age += 1) {
      yield { current: 0, previous: null, age, ended };
      for (let back = 1; back <= reach; back += 1) yield { current: 0, previous: -back, age, ended };
    }
  }
}

/** Writes a row into the store, presents a generation, and reads what became of it. All numbers count from `base`. */
async function ask(
  { store, clock, sid }: { store: Store; clock: TestClock; sid: string },
  row: Row,
  generation: number,
): Promise<Verdict> {
  const base = 1000;
  const nowMs = clock.nowMs();
  const onSession = store.database.db.updateTable("sessions").where("sid", "=", sid);
  await onSession
    .set({
      current: base,
      previous: row.previous === null ? null : base + row.previous,
      renewed_at: nowMs - row.age * slotMs,
      ended_at: row.ended ? nowMs : null,
      end_reason: row.ended ? "logout" : null,
    })
    .execute();
  const renewal = await store.sessions.renew({ sid, generation: base + generation });
  const after = await store.database.db
    .selectFrom("sessions")
    .select(["current", "previous", "renewed_at", "ended_at"])
    .where("sid", "=", sid)
    .executeTakeFirstOrThrow();
  const isAccepted = renewal.outcome === "renewed" || renewal.outcome === "repeated";
  return {
    row: {
      current: after.current - base,
      previous: after.previous === null ? null : after.previous - base,
      age: (nowMs - after.renewed_at) / slotMs,
      ended: after.ended_at !== null,
    },
    reply: isAccepted ? renewal.generation - base : "refused",
  };
}

/** The table of the design, word by word. */
function byTheTable(row: Row, generation: number): Verdict {
  if (row.ended) return { row, reply: "refused" };
  const successor = { ...row, current: row.current + 1, age: 0 };
  if (generation === row.current)
    return { row: { ...successor, previous: generation }, reply: row.current + 1 };
  if (generation === row.previous) {
    return row.age < pastGrace ? { row, reply: row.current } : { row: successor, reply: row.current + 1 };
  }
  return { row: { ...row, ended: generation < row.current }, reply: "refused" };
}

describe.each(backends)("the table of three integers on $name", (backend) => {
  test("RR-01, RR-03, RR-04, RR-07: every row and every generation are decided as it says", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    for (const row of rowsWithin(3)) {
      for (let generation = -5; generation <= 2; generation += 1) {
        const question = `${JSON.stringify(row)} presented ${generation}`;
        expect(await ask({ store, clock, sid }, row, generation), question).toEqual(
          byTheTable(row, generation),
        );
      }
    }
  });
});

/** Three clients that present four times each get at most twelve generations. */
const reach = 13;

/**
 * The real store as a function: asked beforehand about every row and generation within reach, and about where counting
 * begins only once.
 */
async function learnServer(): Promise<Server> {
  const clock = createClock();
  const store = await openStore({ url: "sqlite::memory:", nowMs: clock.nowMs });
  const { id } = await newAccount(store);
  const { sid } = await openSession(store, id);
  const verdicts = new Map<string, Verdict>();
  const keyFrom = ({ previous, age, ended }: Row, generation: number): string =>
    `${previous} ${age} ${ended} ${generation}`;
  for (const row of rowsWithin(reach)) {
    for (let generation = -reach; generation <= 0; generation += 1) {
      verdicts.set(keyFrom(row, generation), await ask({ store, clock, sid }, row, generation));
    }
  }
  await store.close();

  const moved = (row: Row, by: number): Row => ({
    ...row,
    current: row.current + by,
    previous: row.previous === null ? null : row.previous + by,
  });
  return {
    present(row, generation) {
      const verdict = verdicts.get(keyFrom(moved(row, -row.current), generation - row.current));
      if (verdict === undefined) throw new TypeError("a presentation that the store was not asked about");
      const { reply } = verdict;
      return {
        row: moved(verdict.row, row.current),
        reply: reply === "refused" ? reply : reply + row.current,
      };
    },
    end: (row) => ({ ...row, ended: true }),
  };
}

describe("every order of 3 clients with 4 operations each", () => {
  let server: Server;
  beforeAll(async () => {
    server = await learnServer();
  });

  /** Comes through every reachable world over every step; answers how many there are, and what was found wrong. */
  function explore(
    storages: readonly number[],
    manners: Manners,
    findFault: (world: World, cause: Step | undefined) => string | undefined,
  ): { worlds: number; faults: readonly string[] } {
    const first = newWorld(storages, 4);
    const seen = new Set([keyOf(first)]);
    const open = [first];
    const faults = new Set<string>();
    const judge = (world: World, cause: Step | undefined): void => {
      const fault = findFault(world, cause);
      if (fault !== undefined) faults.add(fault);
    };
    judge(first, undefined);
    for (let world = open.pop(); world !== undefined; world = open.pop()) {
      for (const step of steps(world, server, manners)) {
        judge(step.world, step);
        const key = keyOf(step.world);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(step.world);
      }
    }
    return { worlds: seen.size, faults: [...faults] };
  }

  /** Whether a token would be accepted after a pause. */
  const isWorth = (row: Row, token: number): boolean =>
    server.present({ ...row, age: pastGrace }, token).reply !== "refused";

  /** The storages present in turn, each long after the one before, with nothing lost; answers who was accepted. */
  function takeTurns({ row, tokens }: World, turns: readonly number[]): boolean[] {
    let now = row;
    const held = [...tokens];
    return turns.map((storage) => {
      const token = held[storage] ?? null;
      if (token === null) return false;
      const verdict = server.present({ ...now, age: pastGrace }, token);
      now = verdict.row;
      held[storage] = verdict.reply === "refused" ? null : verdict.reply;
      return verdict.reply !== "refused";
    });
  }

  test.each([
    ["that wait for each other are never locked out, whatever is lost, late or tried again", "in turn"],
    ["that do not wait are never locked out while replies arrive", "at once"],
  ] as const)("RR-02: three tabs of one browser %s", (_, manners) => {
    const { worlds, faults } = explore([0, 0, 0], manners, ({ row, tokens, clients }, cause) => {
      // Whoever has logged out is not locked out.
      if (cause?.presented === undefined && row.ended) return undefined;
      if (cause?.presented?.reply === "refused") return "a presentation was refused";
      const [token = null] = tokens;
      if (token === null) return "a client was told that it is logged out";
      // While a request is under way, nobody presents what another has written meanwhile.
      if (clients.some(({ flight }) => flight !== null && flight.generation !== token)) return undefined;
      if (server.present(row, token).reply === "refused") return "the token in the storage is worth nothing";
      return isWorth(row, token) ? undefined : "the token in the storage will be worth nothing";
    });
    expect(faults).toEqual([]);
    expect(worlds).toBeGreaterThan(3000);
  });

  test.each([
    ["two tabs and a thief", [0, 0, 1]],
    ["an owner and two thieves", [0, 1, 2]],
  ])("RR-04: with %s, a stolen token is noticed at the owner's next renewal", (_, storages) => {
    const { worlds, faults } = explore(storages, "careless", (world) => {
      if (world.row.ended) return undefined;
      for (const one of world.tokens.keys()) {
        for (const other of world.tokens.keys()) {
          if (one === other) continue;
          // If both were accepted, the first is dead; and when it comes back, the session ends for the second too.
          const turns = takeTurns(world, [one, other, one, other]).join();
          if (turns.startsWith("true,true") && turns !== "true,true,false,false")
            return `accepted in turn: ${turns}`;
        }
      }
      return undefined;
    });
    expect(faults).toEqual([]);
    expect(worlds).toBeGreaterThan(20_000);
  });

  test.each([[[0, 0, 0]], [[0, 0, 1]], [[0, 1, 2]]])(
    "RR-04, RR-09: two generations at most are worth anything, the use of one is the end of the other, and after the end none is (storages %j)",
    (storages) => {
      let ends = 0;
      const { faults } = explore(storages, "careless", ({ row }) => {
        for (let generation = row.current - reach + 1; generation <= row.current; generation += 1) {
          const mayBeWorth = !row.ended && (generation === row.current || generation === row.previous);
          if (isWorth(row, generation) !== mayBeWorth) return `generation ${generation - row.current}`;
        }
        if (row.ended) ends += 1;
        if (row.ended || row.previous === null) return undefined;
        for (const [used, other] of [
          [row.current, row.previous],
          [row.previous, row.current],
        ] as const) {
          const { row: after } = server.present({ ...row, age: pastGrace }, used);
          if (!server.present(after, other).row.ended) return `two lines after ${used - row.current}`;
        }
        return undefined;
      });
      expect(faults).toEqual([]);
      expect(ends).toBeGreaterThan(5000);
    },
  );
});
