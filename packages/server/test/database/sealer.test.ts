// What transactions on PostgreSQL leave for the trail and the feed, and who numbers it: whatever stands still, dies or
// runs beside it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createSecretKey, randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createAuditSeal } from "../../src/database/audit-seal.ts";
import { followRevocations } from "../../src/revocations/follower.ts";
import { createDice } from "../sessions/dice.ts";
import { newPostgresUrl } from "../postgres.ts";
import { type PostgresCluster, startPostgres } from "../postgres-cluster.ts";
import { openOn } from "./backends.ts";
import { recordAsBefore } from "./earlier-release.ts";
import { newAccount, openSession, times } from "./fixtures.ts";
import type { Store } from "./store.ts";

const isFull = process.env["TEST_FULL"] === "1";
/** On a machine with much else to do. */
const patient = { statementTimeoutMs: 20_000 };

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const revoke = (store: Store, name: string): Promise<void> =>
  store.database.change(async (change) => {
    change.record({ event: "login_failed", detail: { name } });
    change.revoke({ kid: name });
  });

/** Names of the trail's events and of the revoked keys, in the order of their numbers. */
async function numbered(store: Store): Promise<{ events: string[]; keys: string[] }> {
  const { db } = store.database;
  const events = await db.selectFrom("audit").select("detail").orderBy("seq").execute();
  const keys = await db.selectFrom("revocations").select(["seq", "kid"]).orderBy("seq").execute();
  expect(keys.map(({ seq }) => seq)).toEqual(times(keys.length, (index) => index + 1));
  return {
    events: events.map(({ detail }) => String((JSON.parse(detail) as { name?: string }).name)),
    keys: keys.map(({ kid }) => String(kid)),
  };
}

describe("what waits for its number", () => {
  test("a log-in waits for nobody who holds the row of the sequencer", async () => {
    const url = await newPostgresUrl();
    const store = await openOn(url, patient);
    const { id } = await newAccount(store);
    const client = await connect(url);
    await client.query("begin");
    await client.query("select * from journal for update");
    const { sid } = await openSession(store, id);
    await store.sessions.end({ sid }, "logout");
    await store.audit.record({ event: "login_failed" });
    // Read as it is: none of it has a number.
    const waiting = await client.query<{ audit: number; revocations: number }>(
      "select count(audit)::integer as audit, count(revocation)::integer as revocations from unnumbered",
    );
    expect(waiting.rows).toEqual([{ audit: 4, revocations: 1 }]);
    await client.query("rollback");
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 4, waitingRows: 0 });
    expect((await store.revocations.snapshot()).cursor.number).toBe(1);
  });

  test("AU-05: is counted by whoever verifies the trail", async () => {
    const url = await newPostgresUrl();
    const store = await openOn(url, { statementTimeoutMs: 5000 });
    const client = await connect(url);
    await client.query("begin");
    await client.query("select * from journal for update");
    for (const name of ["one", "two"]) await revoke(store, name);
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 0, waitingRows: 2 });
    await client.query("rollback");
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 2, waitingRows: 0 });
  });

  test("nothing vouches for the feed while it has waited for over a second", async () => {
    const url = await newPostgresUrl();
    const [store, elsewhere] = [await openOn(url, patient), await openOn(url, patient)];
    const revocations = await followRevocations({ log: elsewhere.revocations, database: elsewhere });
    onTestFinished(() => revocations.close());
    await revocations.complete();
    const client = await connect(url);
    await client.query("begin");
    await client.query("select * from journal for update");
    await revoke(store, "waits");
    await expect.poll(() => revocations.isComplete(), { timeout: 20_000 }).toBe(false);
    await expect(revocations.complete()).rejects.toMatchObject({ code: "unavailable" });
    expect(revocations.isComplete()).toBe(false);
    await client.query("rollback");
    await expect.poll(() => revocations.isComplete(), { timeout: 20_000 }).toBe(true);
    expect(revocations.list.isRevoked({}, "waits")).toBe(true);
  });

  test("AU-05: is left to the servers by whoever has no key for the seal", async () => {
    const url = await newPostgresUrl();
    const [server, command] = [await openOn(url, patient), await openOn(url, patient)];
    const seal = createAuditSeal(createSecretKey(randomBytes(32)));
    server.audit.sealWith(seal);
    expect(await server.audit.sealNow({ isFirst: true })).toBe(true);
    await revoke(command, "without a key");
    await command.database.seal();
    expect(await numbered(command)).toEqual({ events: [], keys: [] });
    await server.database.seal();
    expect(await server.audit.verifyChain({ seal, isExpected: true })).toMatchObject({
      outcome: "intact",
      rows: 1,
      sealedRows: 1,
    });
  });

  test.each([
    ["stands still", "SIGSTOP"],
    ["is killed", "SIGKILL"],
  ] as const)(
    "who %s while numbering loses its turn within two seconds, and nothing else",
    async (_, signal) => {
      const url = await newPostgresUrl();
      const store = await openOn(url, patient);
      store.audit.sealWith(createAuditSeal(createSecretKey(randomBytes(32))));
      expect(await store.audit.sealNow({ isFirst: true })).toBe(true);
      const child = fork(join(import.meta.dirname, "sealing-process.ts"), [url, signal], {
        execArgv: ["--conditions=@countersign/source"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      await once(child, "message");
      child.send("seal");
      await once(child, "message");
      const begin = performance.now();
      await revoke(store, "after it");
      for (;;) {
        await store.database.seal();
        if ((await numbered(store)).events.length === 2) break;
      }
      expect(performance.now() - begin).toBeLessThan(2000);
      expect(await numbered(store)).toEqual({ events: ["its own", "after it"], keys: ["after it"] });
      // It wakes, finds its connection closed, and changes nothing.
      child.kill("SIGCONT");
      await revoke(store, "later");
      await store.database.seal();
      expect(await numbered(store)).toEqual({
        events: ["its own", "after it", "later"],
        keys: ["after it", "later"],
      });
      expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 3 });
    },
  );
});

describe("other transactions", () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres({ settings: ["max_prepared_transactions=5"] });
  });
  afterAll(() => cluster.destroy());

  test("MI-06: none that is long, prepared or in another database holds the feed back", async () => {
    const [url, foreignUrl] = [await cluster.newDatabase(), await cluster.newDatabase()];
    const store = await openOn(url, patient);
    const { id } = await newAccount(store);
    const [long, prepared, foreign] = [await connect(url), await connect(url), await connect(foreignUrl)];
    // Each has an id of its own and a snapshot of before, and holds an id of the outbox that it never gives back.
    const leave = 'insert into unnumbered (at, audit) values (0, \'{"event":"login_failed"}\')';
    await long.query("begin isolation level repeatable read");
    await long.query(leave);
    await prepared.query("begin");
    await prepared.query(leave);
    await prepared.query("prepare transaction 'forgotten'");
    await foreign.query("begin isolation level repeatable read");
    await foreign.query("create table held (id integer)");

    const revocations = await followRevocations({ log: store.revocations, database: store });
    onTestFinished(() => revocations.close());
    for (let round = 1; round <= 5; round += 1) {
      const { sid } = await openSession(store, id);
      await store.sessions.end({ sid }, "logout");
      await expect.poll(() => revocations.cursor().number, { timeout: 20_000, interval: 10 }).toBe(round);
      await revocations.complete();
    }
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 11 });
    await foreign.query("rollback");
    // What is committed long after it drew its id comes behind what was numbered meanwhile.
    await long.query("commit");
    await prepared.query("commit prepared 'forgotten'");
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 13, waitingRows: 0 });
    expect((await store.audit.list({ limit: 2 })).map(({ seq, atMs }) => [seq, atMs])).toEqual([
      [13, 0],
      [12, 0],
    ]);
  });
});

/** One change, by this clock of ticks: whether it was acknowledged, and when it began and was. */
interface Attempt {
  readonly name: string;
  /** By an instance of the release before, which numbers its own at once and overtakes what waits. */
  readonly isEarlier: boolean;
  readonly beganAt: number;
  acknowledgedAt: number | undefined;
}

/** What every reader must see: whoever has seen n never finds a smaller number later. */
async function watch(client: pg.Client, isOver: () => boolean): Promise<string[]> {
  const faults: string[] = [];
  const seen = new Map<string, number>();
  while (!isOver()) {
    for (const table of ["audit", "revocations"]) {
      const { rows } = await client.query<{ seq: string }>(`select seq from ${table} order by seq`);
      const numbers = rows.map(({ seq }) => Number(seq));
      const last = numbers.at(-1) ?? 0;
      if (numbers.length !== last) faults.push(`${table}: a gap below ${last}`);
      if (last < (seen.get(table) ?? 0)) faults.push(`${table}: ${last} after ${seen.get(table)}`);
      seen.set(table, last);
    }
  }
  return faults;
}

describe("any order of events", () => {
  test.each(isFull ? times(20, (index) => index + 1) : [1, 2])(
    "MI-06: instances of two releases that are cut off at any moment leave no gap, number nothing twice, and miss nothing acknowledged (seed %i)",
    async (seed) => {
      const dice = createDice(seed);
      const url = await newPostgresUrl();
      const name = `sealed ${seed}`;
      const named = `${url}&application_name=${encodeURIComponent(name)}`;
      const stores = await Promise.all(times(3, () => openOn(named, patient)));
      const [store] = stores;
      if (store === undefined) return;
      const [killer, reader] = [await connect(url), await connect(url)];
      let tick = 0;
      const writing = { isOver: false };
      const attempts: Attempt[] = [];

      async function write(worker: number): Promise<void> {
        for (let count = 0; count < 40; count += 1) {
          const attempt: Attempt = {
            name: `${worker}.${count}`,
            isEarlier: dice.chance(0.25),
            beganAt: tick++,
            acknowledgedAt: undefined,
          };
          attempts.push(attempt);
          const instance = dice.among(stores);
          try {
            await (attempt.isEarlier
              ? recordAsBefore(instance.database, attempt.name, true)
              : revoke(instance, attempt.name));
            attempt.acknowledgedAt = tick++;
          } catch {
            // Cut off: it may have happened or not.
          }
          if (dice.chance(0.2)) await instance.database.seal().catch(() => undefined);
        }
      }
      async function cutOff(): Promise<void> {
        while (!writing.isOver) {
          await new Promise((resolve) => setTimeout(resolve, 20 + dice.upTo(100)));
          await killer.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where application_name = $1 and state <> 'idle' order by random() limit 1`,
            [name],
          );
        }
      }

      const watching = watch(reader, () => writing.isOver);
      const cutting = cutOff();
      await Promise.all(times(6, write));
      writing.isOver = true;
      await cutting;
      expect(await watching).toEqual([]);

      await expect
        .poll(
          async () => {
            await store.database.seal();
            return store.audit.verifyChain();
          },
          { timeout: 20_000 },
        )
        .toMatchObject({ outcome: "intact", waitingRows: 0 });
      const { events, keys } = await numbered(store);
      expect(keys.toSorted()).toEqual(events.toSorted());
      const places = new Map(events.map((event, index) => [event, index]));
      expect(places.size).toBe(events.length);
      const acknowledged = attempts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined);
      expect(acknowledged.length).toBeGreaterThan(20);
      expect(acknowledged.filter((attempt) => !places.has(attempt.name))).toEqual([]);
      // What began after another's acknowledgement stands behind it.
      for (const earlier of acknowledged) {
        for (const later of attempts) {
          const place = places.get(later.name);
          if (place === undefined || later.isEarlier || later.beganAt < (earlier.acknowledgedAt ?? 0))
            continue;
          expect(place, `${later.name} after ${earlier.name}`).toBeGreaterThan(
            places.get(earlier.name) ?? -1,
          );
        }
      }
    },
    120_000,
  );
});
