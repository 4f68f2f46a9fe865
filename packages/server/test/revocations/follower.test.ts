import { randomBytes } from "node:crypto";
import { describe, expect, test, onTestFinished, vi } from "vitest";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { followRevocations, type RevocationFollower } from "../../src/revocations/follower.ts";
import { createSigningKeys } from "../../src/keys/signing-keys.ts";
import type { SessionGrant } from "../../src/sessions/session.ts";
import type { RevocationEntry } from "../../src/database/revocation-entry.ts";
import type { Store } from "../database/store.ts";
import { createUser, openSession } from "../feed/accounts.ts";
import { backends } from "../database/backends.ts";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";

interface Case {
  readonly store: Store;
  readonly userId: string;
  /** The session that the cause is about, and another one of the same user. */
  readonly session: SessionGrant;
  readonly other: SessionGrant;
}

interface Cause {
  readonly cause: string;
  readonly happen: (given: Case) => Promise<unknown>;
  /** Which of the two sessions' tokens die. */
  readonly dead: readonly ("session" | "other")[];
  /** Told as one entry for all sessions there are. */
  readonly isGlobal?: boolean;
}

const both = ["session", "other"] as const;

const causes: readonly Cause[] = [
  {
    cause: "log-out",
    happen: ({ store, session: { sid } }) => store.sessions.end({ sid }, "logout"),
    dead: ["session"],
  },
  {
    cause: "log-out of the others",
    happen: ({ store, userId, other }) => store.sessions.endAll(userId, other.sid, "logout"),
    dead: ["session"],
  },
  {
    cause: "log-out everywhere",
    happen: ({ store, userId }) => store.sessions.endAll(userId, null, "logout"),
    dead: both,
  },
  {
    cause: "disabling the account",
    happen: ({ store, userId }) => store.accounts.setStatus(userId, "disabled"),
    dead: both,
  },
  { cause: "deleting the account", happen: ({ store, userId }) => store.accounts.delete(userId), dead: both },
  {
    cause: "a change of roles",
    happen: ({ store, userId }) => store.accounts.setRoles(userId, ["admin"]),
    dead: both,
  },
  {
    cause: "a change of the password",
    happen: ({ store, userId, other: { sid } }) =>
      store.accounts.changePassword({
        userId,
        passwordVersion: 1,
        newHash: "new",
        asked: { by: { sid }, successor: { kind: "token" } },
      }),
    dead: both,
  },
  {
    cause: "reuse of a refresh token",
    async happen({ store, session: { sid } }) {
      for (const generation of [0, 1, 0]) await store.sessions.renew({ sid, generation });
    },
    dead: ["session"],
  },
  {
    cause: "declaring everything until now dead",
    happen: ({ store }) => revokeEverything(store.database),
    dead: both,
    isGlobal: true,
  },
];

async function follow(store: Store): Promise<RevocationFollower> {
  const revocations = await followRevocations({ log: store.revocations, database: store });
  onTestFinished(() => revocations.close());
  return revocations;
}

const nameOf = (entry: RevocationEntry): string => ("sid" in entry ? entry.sid : "everything");
const isDead = ({ list }: RevocationFollower, { sid, issuedAt }: SessionGrant): boolean =>
  list.isRevoked({ sid, iat: issuedAt }, undefined);

describe.each(backends)("the revocations of running instances on $name", ({ open, openInstances }) => {
  test.each(causes)(
    "LO-02: $cause: refused here before it is acknowledged, and at other instances a moment later",
    async ({ happen, dead, isGlobal = false }) => {
      const [store, elsewhere] = (await openInstances(2)) as [Store, Store];
      const [here, there] = [await follow(store), await follow(elsewhere)];
      const userId = await createUser(store);
      const given = {
        store,
        userId,
        session: await openSession(store, userId),
        other: await openSession(store, userId),
      };
      await happen(given);
      const expected = both.map((name) => dead.includes(name));
      const seenAt = (revocations: RevocationFollower): boolean[] =>
        both.map((name) => isDead(revocations, given[name]));
      expect(seenAt(here)).toEqual(expected);
      await expect.poll(() => seenAt(there), { interval: 10, timeout: 5000 }).toEqual(expected);
      const told = async (): Promise<string[]> => {
        const next = await there.since({ ...there.cursor(), number: 0 });
        return next.outcome === "entries" ? next.entries.map(({ entry }) => nameOf(entry)).toSorted() : [];
      };
      const sids = dead.map((name) => given[name].sid).toSorted();
      await expect.poll(told, { interval: 10, timeout: 5000 }).toEqual(isGlobal ? ["everything"] : sids);
    },
  );

  test("LO-02: a revoked key: refused here before it is acknowledged, and at other instances a moment later", async () => {
    const [store, elsewhere] = (await openInstances(2)) as [Store, Store];
    const [here, there] = [await follow(store), await follow(elsewhere)];
    const keys = await createSigningKeys({
      store: store.signingKeys,
      masterKey: createMasterKey(randomBytes(32)),
      accessTokenTtlSeconds: 600,
    });
    onTestFinished(() => keys.close());
    const { kid: revoked = "" } = keys.signingKey();
    await keys.revoke(revoked);
    expect(here.list.isRevoked({}, revoked)).toBe(true);
    await expect.poll(() => there.list.isRevoked({}, revoked), { interval: 10, timeout: 5000 }).toBe(true);
    expect(there.list.snapshot().keys).toEqual([revoked]);
  });

  test("an instance that starts later knows all that is in force", async () => {
    const [store, elsewhere] = (await openInstances(2)) as [Store, Store];
    const userId = await createUser(store);
    const session = await openSession(store, userId);
    const alive = await openSession(store, userId);
    await store.sessions.end({ sid: session.sid }, "logout");
    const revocations = await follow(elsewhere);
    expect(isDead(revocations, session)).toBe(true);
    expect(isDead(revocations, alive)).toBe(false);
    expect(revocations.cursor().number).toBe(1);
  });

  test("this machine's clock jumps a day ahead and back, and nothing is forgotten that still counts", async () => {
    onTestFinished(() => void vi.useRealTimers());
    const [store] = (await openInstances(1)) as [Store];
    const revocations = await follow(store);
    const userId = await createUser(store);
    const [first, second] = [await openSession(store, userId), await openSession(store, userId)];
    await store.sessions.end({ sid: first.sid }, "logout");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
    await store.sessions.end({ sid: second.sid }, "logout");
    vi.useRealTimers();
    expect([first, second].map((session) => isDead(revocations, session))).toEqual([true, true]);
  });

  test("tells entries in the order of their numbers, without gaps, while instances commit at once", async () => {
    const stores = await openInstances(3, { sessions: { graceSeconds: 60 } });
    const storeOf = (index: number): Store => stores.at(index % 3) as Store;
    const revocations = await follow(storeOf(0));
    const userId = await createUser(storeOf(0));
    const sessions = [];
    for (let count = 0; count < 60; count += 1) sessions.push(await openSession(storeOf(count), userId));
    await Promise.all(sessions.map(({ sid }, index) => storeOf(index).sessions.end({ sid }, "logout")));
    await expect.poll(() => revocations.cursor().number, { interval: 10, timeout: 20_000 }).toBe(60);
    const feed = await revocations.since({ ...revocations.cursor(), number: 0 });
    expect(feed.outcome === "entries" && feed.entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  test("an instance that was away for longer than entries are kept takes all that is in force anew, and forgets nothing", async () => {
    let nowMs = 1_800_000_000_000;
    const store = await open({ nowMs: () => nowMs });
    const userId = await createUser(store);
    const early = await openSession(store, userId);
    await store.sessions.end({ sid: early.sid }, "logout");
    let frozen = Promise.resolve();
    let thaw = (): void => undefined;
    const log = {
      since: async (...args: Parameters<Store["revocations"]["since"]>) => {
        await frozen;
        return store.revocations.since(...args);
      },
      snapshot: () => store.revocations.snapshot(),
    };
    const database = { dialect: store.dialect, onRevocations: () => () => undefined };
    const revocations = await followRevocations({ log, database });
    onTestFinished(() => revocations.close());
    frozen = new Promise((resolve) => {
      thaw = resolve;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const missed = await openSession(store, userId);
    await store.sessions.end({ sid: missed.sid }, "logout");
    nowMs += 3_600_000;
    await store.revocations.prune();
    const late = await openSession(store, userId);
    await store.sessions.end({ sid: late.sid }, "logout");
    thaw();
    await expect.poll(() => revocations.cursor().number, { timeout: 5000 }).toBe(3);
    expect(isDead(revocations, late)).toBe(true);
    expect(isDead(revocations, early)).toBe(true);
    const { epoch } = revocations.cursor();
    expect(await revocations.since({ epoch, number: 1 })).toEqual({
      outcome: "reset",
      cursor: { epoch, number: 3 },
    });
  });
});
