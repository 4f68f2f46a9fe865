import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import type { NewKey, SigningKeyState, StoredKey } from "../../src/keys/stored-key.ts";
import type { Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";

let serial = 0;
const newKey = (): NewKey => ({
  kid: `key-${++serial}`,
  algorithm: "ES256",
  sealed: Buffer.from(`sealed-${serial}`),
});
const publish = { publishSeconds: 600, replaces: undefined };

async function states(store: Store): Promise<Record<string, SigningKeyState>> {
  return Object.fromEntries((await store.signingKeys.all()).map(({ kid, state }) => [kid, state]));
}
async function find(store: Store, kid: string): Promise<StoredKey | undefined> {
  return (await store.signingKeys.all()).find((key) => key.kid === kid);
}
async function events(store: Store): Promise<string[]> {
  const rows = await store.audit.list({ limit: 500 });
  return rows.map(({ event, detail }) => `${event} ${String(detail["kid"])}`).toReversed();
}

describe.each(backends)("the signing keys at rest on $name", ({ open, openInstances }) => {
  test("KM-01: a key goes pending → active → retiring → retired, each step at its time and audited", async () => {
    let now = 1_000_000;
    const store = await open({ nowMs: () => now });
    const [first, second] = [newKey(), newKey()];
    expect(await store.signingKeys.createFirst(first)).toBe("changed");
    expect(await store.signingKeys.stage(second, publish)).toBe("changed");
    expect(await states(store)).toEqual({ [first.kid]: "active", [second.kid]: "pending" });
    expect(await find(store, second.kid)).toMatchObject({ createdAtMs: 1_000_000, promoteAtMs: 1_600_000 });

    const step = { pending: second.kid, active: first.kid, keepSeconds: 1020, early: false };
    now = 1_599_999;
    expect(await store.signingKeys.promote(step)).toBe("conflict");
    now = 1_600_000;
    expect(await store.signingKeys.promote(step)).toBe("changed");
    expect(await states(store)).toEqual({ [first.kid]: "retiring", [second.kid]: "active" });
    expect(await find(store, second.kid)).toMatchObject({ activatedAtMs: 1_600_000 });

    now = 1_600_000 + 1_020_000 - 1;
    expect(await store.signingKeys.retireDue()).toEqual([]);
    now += 1;
    expect(await store.signingKeys.retireDue()).toEqual([first.kid]);
    expect(await find(store, first.kid)).toMatchObject({
      state: "retired",
      sealed: undefined,
      retiredAtMs: now,
    });
    expect((await store.signingKeys.inUse()).keys.map(({ kid }) => kid)).toEqual([second.kid]);
    expect(await events(store)).toEqual([
      `key_created ${first.kid}`,
      `key_staged ${second.kid}`,
      `key_activated ${second.kid}`,
      `key_retired ${first.kid}`,
    ]);
  });

  test("KM-01: an early promotion does not wait, and names the keys that it found", async () => {
    const store = await open();
    const [first, second] = [newKey(), newKey()];
    await store.signingKeys.createFirst(first);
    await store.signingKeys.stage(second, publish);
    const step = { pending: second.kid, active: first.kid, keepSeconds: 1020, early: true };
    expect(await store.signingKeys.promote({ ...step, active: second.kid })).toBe("conflict");
    expect(await store.signingKeys.promote({ ...step, pending: first.kid })).toBe("conflict");
    expect(await store.signingKeys.promote({ ...step, pending: "none" })).toBe("conflict");
    expect(await states(store)).toEqual({ [first.kid]: "active", [second.kid]: "pending" });
    expect(await store.signingKeys.promote(step)).toBe("changed");
    expect(await store.signingKeys.promote(step)).toBe("conflict");
  });

  test("KM-01: one key is pending at a time; another takes its place only by naming it", async () => {
    const store = await open();
    const [first, second, third, fourth] = [newKey(), newKey(), newKey(), newKey()];
    await store.signingKeys.createFirst(first);
    await store.signingKeys.stage(second, publish);
    expect(await store.signingKeys.stage(third, publish)).toBe("conflict");
    expect(await store.signingKeys.stage(third, { ...publish, replaces: second.kid })).toBe("changed");
    expect(await store.signingKeys.stage(fourth, { ...publish, replaces: second.kid })).toBe("conflict");
    expect(await states(store)).toEqual({
      [first.kid]: "active",
      [second.kid]: "retired",
      [third.kid]: "pending",
    });
  });

  test("KM-02: of 16 first keys at once over three instances one is made", async () => {
    const stores = await openInstances(3);
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, i) => stores[i % 3]?.signingKeys.createFirst(newKey())),
    );
    expect(outcomes.filter((outcome) => outcome === "changed")).toHaveLength(1);
    for (const store of stores) expect(Object.values(await states(store))).toEqual(["active"]);
  });

  test("KM-02: of 16 promotions, stagings and retirements at once each happens once", async () => {
    let now = 1_000_000;
    const stores = await openInstances(2, { nowMs: () => now });
    const [store] = stores as [Store];
    const first = newKey();
    await store.signingKeys.createFirst(first);
    const all = async <T>(work: (keys: Store["signingKeys"]) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: 16 }, (_, i) => work((stores[i % 2] ?? store).signingKeys)));
    const changed = (outcomes: string[]): number =>
      outcomes.filter((outcome) => outcome === "changed").length;

    expect(changed(await all((keys) => keys.stage(newKey(), publish)))).toBe(1);
    const pending =
      (await store.signingKeys.inUse()).keys.find(({ state }) => state === "pending")?.kid ?? "";
    const step = { pending, active: first.kid, keepSeconds: 60, early: true };
    expect(changed(await all((keys) => keys.promote(step)))).toBe(1);
    now += 60_000;
    expect((await all((keys) => keys.retireDue())).flat()).toEqual([first.kid]);
    expect(await events(store)).toHaveLength(4);
  });

  test("KM-02: the database itself refuses a second active and a second pending key", async () => {
    const store = await open();
    await store.signingKeys.createFirst(newKey());
    await store.signingKeys.stage(newKey(), publish);
    const copy = (state: string): Promise<unknown> =>
      sql`insert into signing_keys (kid, algorithm, state, sealed, created_at, promote_at)
        select kid || '-copy', algorithm, state, sealed, created_at, promote_at from signing_keys where state = ${state}`.execute(
        store.database.db,
      );
    await expect(copy("active")).rejects.toThrow(/unique/i);
    await expect(copy("pending")).rejects.toThrow(/unique/i);
  });

  test.for(["pending", "active", "retiring", "retired"] as const)(
    "KM-07: a %s key that is revoked is erased, told to the feed and audited, once",
    async (state) => {
      let now = 1_000_000;
      const store = await open({ nowMs: () => now });
      const [target, other, successor] = [newKey(), newKey(), newKey()];
      if (state === "pending") {
        await store.signingKeys.createFirst(other);
        await store.signingKeys.stage(target, publish);
      } else {
        await store.signingKeys.createFirst(target);
      }
      if (state === "retiring" || state === "retired") {
        await store.signingKeys.stage(other, publish);
        const step = { pending: other.kid, active: target.kid, keepSeconds: 1, early: true };
        await store.signingKeys.promote(step);
      }
      if (state === "retired") {
        now += 1000;
        await store.signingKeys.retireDue();
      }
      const expected = state === "active" ? successor.kid : other.kid;

      const origin = { actorId: "an-admin" };
      expect(await store.signingKeys.revoke(target.kid, successor, origin)).toEqual({
        outcome: "revoked",
        wasState: state,
      });
      expect(await store.signingKeys.revoke(target.kid, newKey())).toEqual({ outcome: "already_revoked" });
      expect(await find(store, target.kid)).toMatchObject({
        state: "retired",
        sealed: undefined,
        revokedAtMs: now,
      });
      const inUse = await store.signingKeys.inUse();
      expect(inUse.keys.map(({ kid, state }) => [kid, state])).toEqual([[expected, "active"]]);
      expect((await store.revocations.snapshot()).keys).toEqual([target.kid]);
      const told = (await store.audit.list({ limit: 10 })).filter(({ event }) => event === "key_revoked");
      expect(told.map(({ detail, actorId }) => [detail["kid"], actorId])).toEqual([[target.kid, "an-admin"]]);
    },
  );

  test("KM-07: revoking the active key lets the pending one sign, whatever its time", async () => {
    const store = await open();
    const [first, second] = [newKey(), newKey()];
    await store.signingKeys.createFirst(first);
    await store.signingKeys.stage(second, publish);
    await store.signingKeys.revoke(first.kid, newKey());
    expect(await states(store)).toEqual({ [first.kid]: "retired", [second.kid]: "active" });
  });

  test("KM-07: revoking an unknown key changes nothing", async () => {
    const store = await open();
    await store.signingKeys.createFirst(newKey());
    expect(await store.signingKeys.revoke("none", newKey())).toEqual({ outcome: "unknown" });
    expect(await events(store)).toHaveLength(1);
    expect((await store.revocations.snapshot()).keys).toEqual([]);
  });

  test("KM-03: of 16 canaries at once one stands, and all are told which", async () => {
    const stores = await openInstances(2);
    expect(await stores[0]?.installation.readCanary()).toBeUndefined();
    const placed = await Promise.all(
      Array.from({ length: 16 }, (_, i) => stores[i % 2]?.installation.placeCanary(Buffer.of(i))),
    );
    const told = new Set(placed.map((canary) => Buffer.from(canary ?? []).toString("hex")));
    expect(told.size).toBe(1);
    const standing = await stores[1]?.installation.readCanary();
    expect(told).toEqual(new Set([Buffer.from(standing ?? []).toString("hex")]));
  });
});
