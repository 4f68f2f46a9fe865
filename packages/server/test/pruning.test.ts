// Forgetting when there is much to forget: page by page, with everybody else served in between.
import { sql } from "kysely";
import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startPruning } from "../src/pruning.ts";
import { pageRows } from "../src/database/paging.ts";
import type { CurrentSession } from "../src/sessions/session.ts";
import type { Store } from "./database/store.ts";
import { backends, openOn } from "./database/backends.ts";
import { createClock, cursorAt, newAccount, openSession } from "./database/fixtures.ts";

const day = 86_400;
const rows = 100 * pageRows;

/** Copies of the one session that there is, every second one ended. */
async function multiplySessions(store: Store, nowMs: number): Promise<void> {
  const columns = sql`user_id, kind, current, previous, renewed_at, tokens_before, roles, authenticated_at, amr, client_id, device`;
  await sql`
    with recursive copies(number) as (select 1 union all select number + 1 from copies where number < ${sql.lit(rows)})
    insert into sessions (sid, ended_at, end_reason, ${columns})
    select 'copy ' || number,
      case when number % 2 = 0 then cast(${sql.lit(nowMs)} as bigint) end,
      case when number % 2 = 0 then 'logout' end,
      ${columns}
    from sessions cross join copies
  `.execute(store.database.db);
}

async function insertRevocations(store: Store, expiresAt: number): Promise<void> {
  await sql`
    with recursive copies(number) as (select 1 union all select number + 1 from copies where number < ${sql.lit(rows)})
    insert into revocations (seq, sid, kid, tokens_before, expires_at)
    select number, 'copy ' || number, null, ${sql.lit(expiresAt)}, ${sql.lit(expiresAt)} + number % 2 * 1000 from copies
  `.execute(store.database.db);
  await store.database.db.updateTable("journal").set({ revocation_seq: rows }).execute();
}

async function countOf(store: Store, table: "sessions" | "revocations"): Promise<number | undefined> {
  const counting = sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`;
  return (await counting.execute(store.db)).rows[0]?.count;
}

/** How often somebody else was answered before `work` was done. */
async function answeredDuring(store: Store, work: Promise<number>): Promise<number> {
  let answers = 0;
  let done = false;
  void work.finally(() => (done = true));
  for (;;) {
    await store.accounts.get("somebody");
    // SQLite answers at once; the others come with the event loop, as requests do.
    await setImmediate();
    if (done) return answers;
    answers += 1;
  }
}

/** What it forgets is tried where codes and mail are. */
const mail = { prune: async () => 0 };

describe.each(backends)("forgetting much on $name", (backend) => {
  test("sessions are looked at a page at a time, and others are served between the pages", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { id } = await newAccount(store);
    await openSession(store, id);
    await multiplySessions(store, clock.nowMs());
    clock.advanceSeconds(day + 1);
    const statements = vi.spyOn(store.database.db.getExecutor(), "executeQuery");
    const pruned = store.sessions.prune();
    expect(await answeredDuring(store, pruned)).toBeGreaterThan(10);
    expect(await pruned).toBe(rows / 2);
    expect(await countOf(store, "sessions")).toBe(rows / 2 + 1);
    const results = await Promise.all(
      statements.mock.results.map(({ value }) => value as Promise<{ numAffectedRows?: bigint }>),
    );
    const removals = results
      .flatMap(({ numAffectedRows = 0n }) => Number(numAffectedRows))
      .filter((count) => count > 0);
    // Of PostgreSQL a page is some blocks, whatever number of rows is in them.
    expect(removals.length).toBeGreaterThanOrEqual(store.dialect === "sqlite" ? 100 : 60);
    expect(Math.max(...removals)).toBeLessThanOrEqual(pageRows);
    expect(await store.sessions.prune()).toBe(0);
  });

  test("revocations go a page at a time, and a cursor among those that went is answered with a reset", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const expiresAt = Math.floor(clock.nowMs() / 1000) + 100;
    await insertRevocations(store, expiresAt);
    expect(await store.revocations.prune()).toBe(0);
    expect(await store.revocations.since(await cursorAt(store, 0), 1)).toMatchObject({
      outcome: "entries",
      cursor: { number: 1 },
    });

    clock.advanceSeconds(100);
    const pruned = store.revocations.prune();
    expect(await answeredDuring(store, pruned)).toBeGreaterThan(10);
    expect(await pruned).toBe(rows / 2);
    expect(await countOf(store, "revocations")).toBe(rows / 2);
    expect(await store.revocations.since(await cursorAt(store, rows - 1), 1)).toEqual({
      outcome: "reset",
      cursor: await cursorAt(store, rows),
    });
    expect(await store.revocations.since(await cursorAt(store, rows), 1)).toMatchObject({
      outcome: "entries",
      entries: [],
    });
  });

  test("of instances that prune at the same time, each row is removed by one", async () => {
    const clock = createClock();
    const stores = await backend.openInstances(3, { nowMs: clock.nowMs });
    const [store] = stores as [Store];
    await insertRevocations(store, Math.floor(clock.nowMs() / 1000));
    clock.advanceSeconds(2000);
    const removed = await Promise.all(stores.map(({ revocations }) => revocations.prune()));
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(rows);
    expect(await countOf(store, "revocations")).toBe(0);
  });

  const monthMs = 31 * day * 1000;

  describe.each(["while a server runs", "before it starts"])(
    "a clock that jumps a month ahead %s",
    (when) => {
      /** A session, and then the jump; `before` is done between them. */
      async function jump(
        before: (store: Store, session: CurrentSession) => Promise<unknown> = async () => {},
      ) {
        const [clock, steady] = [createClock(), createClock()];
        const url = await backend.newUrl();
        const options = { nowMs: clock.nowMs, steadyMs: steady.nowMs };
        const first = await openOn(url, options);
        const session = await openSession(first, (await newAccount(first)).id);
        await before(first, session);
        if (when === "before it starts") await first.close();
        clock.advanceMs(monthMs);
        const store = when === "before it starts" ? await openOn(url, options) : first;
        return { store, sid: session.sid, clock, steady };
      }

      test("RR-06: makes nobody's session old", async () => {
        const { store, sid, clock, steady } = await jump();
        expect(await store.sessions.prune()).toBe(0);
        // Set right again, it finds the session as it was.
        clock.advanceMs(-monthMs);
        expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });

        for (const each of [clock, steady]) each.advanceMs(monthMs + day * 1000);
        expect(await store.sessions.prune()).toBe(1);
      });

      test("RR-06: makes the log forget no revocation of a living token", async () => {
        const { store, sid, clock, steady } = await jump(({ sessions }, session) =>
          sessions.end(session, "logout"),
        );
        expect(await store.revocations.prune()).toBe(0);
        clock.advanceMs(-monthMs);
        expect((await store.revocations.snapshot()).sessions).toMatchObject([{ sid }]);

        // A clock that really is a month further is believed once the log was watched for long enough.
        clock.advanceMs(monthMs);
        for (let minute = 0; minute < 30; minute += 1) {
          for (const each of [clock, steady]) each.advanceSeconds(60);
          await store.revocations.prune();
        }
        expect(await countOf(store, "revocations")).toBe(0);
      });
    },
  );

  test("whoever stops does not wait for all that is left", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    await insertRevocations(store, Math.floor(clock.nowMs() / 1000));
    clock.advanceSeconds(2000);
    const errors: unknown[] = [];
    const stop = startPruning({
      ...store,
      mail,
      challenges: store.secondFactors,
      onError: (error) => errors.push(error),
      intervalMs: 1,
    });
    onTestFinished(stop);
    await expect
      .poll(() => countOf(store, "revocations"), { interval: 1, timeout: 20_000 })
      .toBeLessThan(rows);
    await stop();
    expect(await countOf(store, "revocations")).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  test("sessions are forgotten at first and then in their own time, revocations again and again", async () => {
    const store = await backend.open();
    const [sessions, revocations] = [vi.spyOn(store.sessions, "prune"), vi.spyOn(store.revocations, "prune")];
    const stop = startPruning({
      ...store,
      mail,
      challenges: store.secondFactors,
      onError: () => {},
      intervalMs: 1,
    });
    onTestFinished(stop);
    await expect.poll(() => revocations.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(3);
    expect(sessions).toHaveBeenCalledTimes(1);
  });
});
