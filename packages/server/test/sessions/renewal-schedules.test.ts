// The renewal under schedules drawn at random: tabs, lost replies, thieves and endings on one clock, on the real store.
import { describe, expect, test } from "vitest";
import { openStore, type Store } from "../database/store.ts";
import { createDice, type Dice } from "./dice.ts";
import { createClock, isRevoked, newAccount, openSession, type TestClock } from "../database/fixtures.ts";

const schedules = process.env["TEST_FULL"] === "1" ? 100_000 : 3000;

/** How long a client waits for a reply: half of the grace, like the server's patience with a request. */
const patienceMs = 5000;
const graceMs = 10_000;

interface Storage {
  token: number | null;
}

interface Session {
  readonly store: Store;
  readonly clock: TestClock;
  readonly userId: string;
  readonly sid: string;
  readonly issuedAt: number[];
}

async function newSession(store: Store, clock: TestClock): Promise<Session> {
  const { id: userId } = await newAccount(store);
  const { sid, issuedAt } = await openSession(store, userId);
  return { store, clock, userId, sid, issuedAt: [issuedAt] };
}

/** One request: its way there, its decision, its way back, each of which may take long or fail unless nothing is lost. */
async function renewOnce(
  session: Session,
  storage: Storage,
  dice: Dice,
  lossRate: number,
): Promise<"accepted" | "refused" | "not decided"> {
  const { store, clock, sid } = session;
  const presented = storage.token;
  if (presented === null) return "refused";
  const way = (): number => dice.upTo(lossRate > 0 && dice.chance(0.2) ? patienceMs : 300);
  const there = way();
  if (there >= patienceMs || dice.chance(lossRate / 2)) {
    clock.advanceMs(patienceMs);
    return "not decided";
  }
  clock.advanceMs(there);
  const renewal = await store.sessions.renew({ sid, generation: presented });
  const back = way();
  const isLost = there + back > patienceMs || dice.chance(lossRate);
  clock.advanceMs(isLost ? patienceMs - there : back);
  if (renewal.outcome !== "renewed" && renewal.outcome !== "repeated") {
    if (!isLost) storage.token = null;
    return "refused";
  }
  session.issuedAt.push(renewal.grant.issuedAt);
  if (!isLost) storage.token = renewal.generation;
  return "accepted";
}

/** Moments, minutes, days: often around the grace, never past the idle limit. */
function pauseMs(dice: Dice): number {
  return dice.among([
    () => dice.upTo(1000),
    () => dice.upTo(2 * graceMs),
    () => graceMs + dice.upTo(3),
    () => 600_000 + dice.upTo(10_000),
    () => dice.upTo(5 * 86_400_000),
  ])();
}

function end(session: Session, dice: Dice): Promise<unknown> {
  const { store, sid, userId } = session;
  return dice.among<() => Promise<unknown>>([
    () => store.sessions.end({ sid, userId }, "logout"),
    () => store.sessions.endAll(userId, null, "logout"),
    () => store.accounts.setStatus(userId, "disabled"),
    () => store.accounts.changePassword({ userId, passwordVersion: 1, newHash: "hash 2" }),
    () => store.accounts.delete(userId),
  ])();
}

/** What changes nothing for the session: a name changed in it, new roles, another session's end. */
async function disturb({ store, sid, userId }: Session, dice: Dice): Promise<void> {
  if (dice.chance(0.5)) {
    await store.accounts.changeName(userId, `name ${dice.upTo(10)}`, {}, { sid });
  } else {
    await store.accounts.setRoles(userId, [`role ${dice.upTo(10)}`]);
  }
}

async function openMemoryStore(): Promise<{ store: Store; clock: TestClock }> {
  const clock = createClock();
  return { store: await openStore({ url: "sqlite::memory:", nowMs: clock.nowMs }), clock };
}

describe(`${schedules} random schedules`, () => {
  test("RR-02: an honest client is never locked out, whatever is lost and however long it waits", async () => {
    const { store, clock } = await openMemoryStore();
    for (let seed = 0; seed < schedules * 0.5; seed += 1) {
      const dice = createDice(seed);
      const session = await newSession(store, clock);
      const storage: Storage = { token: 0 };
      const lossRate = dice.among([0, 0.2, 0.7]);
      const presentations = 2 + dice.upTo(8);
      for (let index = 0; index < presentations; index += 1) {
        clock.advanceMs(Math.min(pauseMs(dice), 2 * 86_400_000));
        if (dice.chance(0.1)) await disturb(session, dice);
        expect(await renewOnce(session, storage, dice, lossRate), `seed ${seed}`).not.toBe("refused");
      }
      const last = await store.sessions.renew({ sid: session.sid, generation: storage.token ?? -1 });
      expect(["renewed", "repeated"], `seed ${seed}`).toContain(last.outcome);
    }
    await store.close();
  });

  test("RR-02: tabs that present one token together, again and again, are never locked out while replies arrive", async () => {
    const { store, clock } = await openMemoryStore();
    for (let seed = 0; seed < schedules * 0.1; seed += 1) {
      const dice = createDice(seed);
      const { sid } = await newSession(store, clock);
      let token = 0;
      for (let burst = 0; burst < 3; burst += 1) {
        clock.advanceMs(graceMs + Math.min(pauseMs(dice), 86_400_000));
        const answers = new Set<number>();
        for (let tab = 0; tab < 1 + dice.upTo(6); tab += 1) {
          const renewal = await store.sessions.renew({ sid, generation: token });
          expect(["renewed", "repeated"], `seed ${seed}`).toContain(renewal.outcome);
          if (renewal.outcome === "renewed" || renewal.outcome === "repeated")
            answers.add(renewal.generation);
          clock.advanceMs(dice.upTo(1600));
        }
        expect([...answers], `seed ${seed}`).toEqual([token + 1]);
        token += 1;
      }
    }
    await store.close();
  });

  test("RR-04: of an owner and a thief who both go on, one is caught, and one line of tokens is left at most", async () => {
    const { store, clock } = await openMemoryStore();
    for (let seed = 0; seed < schedules * 0.25; seed += 1) {
      const dice = createDice(seed);
      const session = await newSession(store, clock);
      const owner: Storage = { token: 0 };
      for (let index = dice.upTo(3); index > 0; index -= 1) {
        clock.advanceMs(pauseMs(dice) % 86_400_000);
        await renewOnce(session, owner, dice, 0.2);
      }
      const thief: Storage = { token: owner.token };
      for (let index = dice.upTo(6); index > 0; index -= 1) {
        clock.advanceMs(pauseMs(dice) % 86_400_000);
        await renewOnce(session, dice.chance(0.5) ? owner : thief, dice, 0.3);
      }
      // From here on nothing is lost, and each waits out the grace.
      const accepted: boolean[] = [];
      for (const storage of dice.chance(0.5) ? [owner, thief, owner, thief] : [thief, owner, thief, owner]) {
        clock.advanceMs(graceMs + 1);
        accepted.push((await renewOnce(session, storage, dice, 0)) === "accepted");
      }
      const isBothLong = accepted[0] && accepted[1] && (accepted[2] || accepted[3]);
      expect(isBothLong, `seed ${seed}: ${accepted.join()}`).toBe(false);
    }
    await store.close();
  });

  test("RR-09: after an end of any kind nothing is accepted, and every access token that was issued is dead", async () => {
    const { store, clock } = await openMemoryStore();
    for (let seed = 0; seed < schedules * 0.15; seed += 1) {
      const dice = createDice(seed);
      const session = await newSession(store, clock);
      const storage: Storage = { token: 0 };
      for (let index = dice.upTo(4); index > 0; index -= 1) {
        clock.advanceMs(pauseMs(dice) % 600_000);
        if (dice.chance(0.2)) await store.accounts.setRoles(session.userId, ["another"]);
        await renewOnce(session, storage, dice, 0.3);
      }
      const state = await store.sessions.find(session.sid);
      await end(session, dice);
      const newest = Math.max(...session.issuedAt);
      expect(await isRevoked(store, session.sid, newest), `seed ${seed}`).toBe(true);
      for (let generation = 0; generation <= (state?.current ?? 0) + 1; generation += 1) {
        clock.advanceMs(dice.upTo(20_000));
        const { outcome } = await store.sessions.renew({ sid: session.sid, generation });
        expect(["ended", "unknown"], `seed ${seed}`).toContain(outcome);
      }
      if (seed % 100 === 99) {
        clock.advanceSeconds(1000);
        await store.revocations.prune();
      }
    }
    await store.close();
  });
});
