// The beginning of the trail is removed: what is left proves itself, and nobody without the key can do the same.
import { sql } from "kysely";
import { createSecretKey, randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { JudgedChain } from "../../src/audit/chain.ts";
import { createAuditSeal } from "../../src/database/audit-seal.ts";
import { recordAsBefore } from "../database/earlier-release.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";

const key = createSecretKey(randomBytes(32));
const seal = createAuditSeal(key);

describe.each(backends)("a trail that is pruned on $name", (backend) => {
  const clock = createClock();
  const judge = (store: Store, beforeMs?: number): Promise<JudgedChain> =>
    store.audit.judgeChain({ expected: { seal, isExpected: true }, beforeMs });
  const verify = async (store: Store) => (await judge(store)).verdict;

  async function record(store: Store, count: number): Promise<void> {
    await store.database.change(async (change) => {
      for (const index of times(count, (each) => each))
        change.record({ event: "login_failed", detail: { index } });
    });
    await store.database.seal();
  }

  /** `old` events of before, `young` ones of a day later; the time between them. */
  async function sealedStore(old: number, young: number): Promise<{ store: Store; betweenMs: number }> {
    const store = await backend.open({ nowMs: clock.nowMs });
    store.audit.sealWith(seal);
    expect(await store.audit.sealNow({ isFirst: true })).toBe(true);
    await record(store, old);
    clock.advanceSeconds(86_400);
    const betweenMs = clock.nowMs();
    await record(store, young);
    return { store, betweenMs };
  }

  async function prune(store: Store, beforeMs: number, steps = Infinity): Promise<JudgedChain> {
    const judged = await judge(store, beforeMs);
    let gone = judged.start;
    for (const step of judged.steps.slice(0, steps)) {
      const event = gone === judged.start ? ({ event: "trail_pruned" } as const) : undefined;
      expect(await store.audit.removeUpTo({ last: step, start: gone, seal, event })).toBe(true);
      gone = step;
    }
    return judged;
  }

  const seqs = async (store: Store) => (await store.audit.list({ limit: 5000 })).map(({ seq }) => seq);

  test("AU-06: keeps what is younger, and proves it from the hash of the last event that is gone", async () => {
    const { store, betweenMs } = await sealedStore(5, 3);
    const gone = await hashesOf(store);
    await prune(store, betweenMs);
    expect(await seqs(store)).toEqual([9, 8, 7, 6]);
    expect(await verify(store)).toMatchObject({
      outcome: "intact",
      rows: 4,
      prunedRows: 5,
      prunedHash: gone[4],
      sealedRows: 4,
    });
    expect(await store.audit.start()).toMatchObject({ seq: 5, hash: gone[4] });
    // What was noted of the last event that is gone is known still; of those before it the export knows.
    const knows = async (hash = "") =>
      (await store.audit.judgeChain({ expected: { seal, isExpected: true }, lookFor: hash })).isFound;
    expect([await knows(gone[4]), await knows(gone[6]), await knows(gone[3])]).toEqual([true, true, false]);
    // It goes on, and can be pruned again.
    await record(store, 2);
    clock.advanceSeconds(1);
    await prune(store, clock.nowMs());
    expect(await verify(store)).toMatchObject({ outcome: "intact", prunedRows: 10 });
  });

  test("AU-06: removes nothing behind an event that is too young, and never the one under the seal", async () => {
    const { store, betweenMs } = await sealedStore(2, 2);
    clock.advanceSeconds(-2 * 86_400);
    await record(store, 2);
    clock.advanceSeconds(2 * 86_400);
    expect((await judge(store, betweenMs)).steps.at(-1)).toMatchObject({ seq: 2 });
    expect((await judge(store, Number.MAX_SAFE_INTEGER)).steps.at(-1)).toMatchObject({ seq: 5 });
    expect((await judge(store, 0)).steps).toEqual([]);
  });

  test("AU-06: broken off half way it is whole, and run again it ends where it was to end", async () => {
    const { store, betweenMs } = await sealedStore(1200, 3);
    const { steps } = await prune(store, betweenMs, 1);
    expect(steps.map(({ seq }) => seq)).toEqual([500, 1000, 1200]);
    expect(await verify(store)).toMatchObject({ outcome: "intact", prunedRows: 500, rows: 704 });
    await prune(store, betweenMs);
    expect(await verify(store)).toMatchObject({ outcome: "intact", prunedRows: 1200, rows: 5 });
    expect((await store.audit.list({ limit: 9, event: "trail_pruned" })).map(({ seq }) => seq)).toEqual([
      1205, 1204,
    ]);
  });

  test("AU-06: of two who prune at once one does, and a transaction that comes too late removes nothing", async () => {
    const { store, betweenMs } = await sealedStore(700, 3);
    const { start, steps } = await judge(store, betweenMs);
    const [first = start, second = start] = steps;
    const event = { event: "trail_pruned" } as const;
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => store.audit.removeUpTo({ last: first, start, seal, event })),
    );
    expect(outcomes.filter((isDone) => isDone)).toHaveLength(1);
    expect(await store.audit.removeUpTo({ last: second, start, seal, event })).toBe(false);
    expect(await verify(store)).toMatchObject({ outcome: "intact", prunedRows: 500, rows: 204 });
    // Not even with what is proved: the seal of the end is about this one.
    const { seq, hash } = { seq: 704, hash: (await hashesOf(store)).at(-1) ?? "" };
    expect(await store.audit.removeUpTo({ last: { seq, hash }, start: first, seal })).toBe(false);
    expect(await verify(store)).toMatchObject({ outcome: "intact", rows: 204 });
  });

  const forged = `update journal set audit_start_seq = 3, audit_start_hash = (select hash from audit where seq = 3)`;
  test.each([
    ["rows that are missing", "delete from audit where seq <= 3", "missing", 1],
    ["no seal", `${forged}; delete from audit where seq <= 3`, "start", 3],
    [
      "the seal of the end",
      `${forged}, audit_start_seal = audit_seal; delete from audit where seq <= 3`,
      "start",
      3,
    ],
    [
      "the end, as it was sealed",
      `update journal set audit_start_seq = audit_seq, audit_start_hash = audit_hash, audit_start_seal = audit_seal; delete from audit`,
      "start",
      8,
    ],
    ["the rows still there", forged, "start", 3],
  ] as const)(
    "AU-05: a beginning that was cut by hand is not whole, with %s",
    async (_name, statements, problem, seq) => {
      const { store } = await sealedStore(5, 3);
      for (const statement of statements.split("; ")) await sql.raw(statement).execute(store.db);
      expect(await verify(store)).toEqual({ outcome: "broken", seq, problem });
      expect((await judge(store, clock.nowMs())).steps).toEqual([]);
    },
  );

  test.each([
    [
      "forgotten",
      "update journal set audit_start_seq = 0, audit_start_hash = '', audit_start_seal = null",
      "missing",
      1,
    ],
    [
      "moved on",
      "update journal set audit_start_seq = 6, audit_start_hash = (select hash from audit where seq = 6)",
      "start",
      6,
    ],
    [
      "moved on with its rows",
      "update journal set audit_start_seq = 6; delete from audit where seq = 6",
      "start",
      6,
    ],
    ["given another hash", "update journal set audit_start_hash = 'x'", "start", 5],
    ["without its seal", "update journal set audit_start_seal = null", "start", 5],
    ["followed by a gap", "delete from audit where seq = 6", "missing", 6],
    [
      "preceded by a row",
      "insert into audit (seq, at, event, detail, hash) select 5, at, event, detail, hash from audit where seq = 6",
      "added",
      5,
    ],
  ] as const)(
    "AU-05: a beginning that was pruned and then %s is not whole",
    async (_name, statements, problem, seq) => {
      const { store, betweenMs } = await sealedStore(5, 3);
      await prune(store, betweenMs);
      expect(await verify(store)).toMatchObject({ outcome: "intact" });
      for (const statement of statements.split("; ")) await sql.raw(statement).execute(store.db);
      expect(await verify(store)).toEqual({ outcome: "broken", seq, problem });
    },
  );

  test("AU-06: the seal of a beginning is none of an end, nor the other way round", async () => {
    const place = { seq: 7, hash: "x" };
    for (const as of ["end", "start", "part"] as const)
      for (const other of ["end", "start", "part"] as const)
        expect(seal.isOf(place, seal.make(place, as), other)).toBe(as === other);
  });

  test("AU-06: a seal that was just made is still that of its own end alone, to the letter", () => {
    const place = { seq: 7, hash: "x" };
    const made = seal.make(place);
    expect(seal.isOf(place, made)).toBe(true);
    expect(seal.isOf({ ...place, seq: 8 }, made)).toBe(false);
    expect(seal.isOf({ ...place, hash: "y" }, made)).toBe(false);
    expect(seal.isOf(place, `${made}A`)).toBe(false);
    expect(seal.isOf(place, seal.make({ seq: 8, hash: "y" }))).toBe(false);
    expect(seal.isOf(place, made)).toBe(true);
  });

  test("AU-06: while instances record and prove, nothing is lost and nothing seems broken", async () => {
    const stores = await backend.openInstances(3);
    const [store] = stores;
    if (store === undefined) return;
    for (const each of stores) each.audit.sealWith(seal);
    expect(await store.audit.sealNow({ isFirst: true })).toBe(true);
    await record(store, 2600);
    const { now: betweenMs } = await store.database.db
      .selectFrom("journal")
      .select(store.database.now().as("now"))
      .executeTakeFirstOrThrow();
    const busy = { done: false };
    const seen: unknown[] = [];
    async function keepRecording(each: Store): Promise<number> {
      let recorded = 0;
      for (; !busy.done; recorded += 1) {
        await newAccount(each);
        // SQLite answers within the turn, and would leave no room for anybody else.
        await setImmediate();
      }
      return recorded;
    }
    async function keepProving(each: Store): Promise<void> {
      while (!busy.done) {
        const verdict = await verify(each);
        if (verdict.outcome === "broken") seen.push(verdict);
      }
    }
    const recording = stores.map(keepRecording);
    const proving = stores.slice(1).map(keepProving);
    await prune(store, betweenMs + 1);
    busy.done = true;
    const recorded = (await Promise.all(recording)).reduce((sum, count) => sum + count, 0);
    await Promise.all(proving);
    expect(seen).toEqual([]);
    expect(recorded).toBeGreaterThan(10);
    const verdict = await verify(store);
    expect(verdict).toMatchObject({ outcome: "intact", waitingRows: 0 });
    const { prunedRows, rows } = verdict as Extract<typeof verdict, { outcome: "intact" }>;
    expect(prunedRows).toBeGreaterThanOrEqual(2599);
    expect(prunedRows + rows).toBe(2600 + recorded + 1);
  });

  test("MI-04: an instance of the release before records on behind a beginning that was pruned", async () => {
    const { store, betweenMs } = await sealedStore(5, 3);
    // SQLite never has two releases at once.
    if (store.dialect === "sqlite") return;
    await prune(store, betweenMs);
    await store.database.seal();
    await recordAsBefore(store.database, "before", false);
    expect(await verify(store)).toMatchObject({ outcome: "intact" });
    await record(store, 1);
    expect(await verify(store)).toMatchObject({ outcome: "intact", waitingRows: 0 });
  });

  async function hashesOf(store: Store): Promise<string[]> {
    const rows = await store.database.db.selectFrom("audit").select("hash").orderBy("seq").execute();
    return rows.map(({ hash }) => hash);
  }
});
