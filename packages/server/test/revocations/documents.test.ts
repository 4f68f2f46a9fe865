// The list and what came after a cursor, as documents.
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { RevocationList } from "@countersign/verifier";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../src/randomness.ts";
import { createFeedDocuments } from "../../src/revocations/documents.ts";
import { followRevocations, type RevocationFollower } from "../../src/revocations/follower.ts";
import { startApp } from "../app.ts";
import { backends } from "../database/backends.ts";
import { createUser, endedSession } from "../feed/accounts.ts";
import { openEventSource } from "../feed/event-source.ts";
import { addKnownLogOuts, addLogOuts } from "./log-outs.ts";

interface Listed {
  readonly since?: string;
  readonly cursor: string;
  readonly sessions: readonly { readonly sid: string }[];
}

const sidsOf = ({ sessions }: Listed): string[] => sessions.map(({ sid }) => sid);

async function listen(app: FastifyInstance): Promise<string> {
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/revocations`;
}

async function listOf(url: string): Promise<Listed> {
  return (await (await fetch(url)).json()) as Listed;
}

test("what came since a cursor is told alone, and 304 says that nothing did", async () => {
  const app = await startApp();
  const before = await addKnownLogOuts(app, 3);
  const url = await listen(app);
  const first = await listOf(url);
  const after = await addKnownLogOuts(app, 2);
  const whole = await listOf(url);
  expect(sidsOf(whole)).toEqual([...before, ...after]);

  const answer = await fetch(`${url}?since=${first.cursor}`, {
    headers: { "if-none-match": `"${first.cursor}"` },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("etag")).toBe(`"${whole.cursor}"`);
  const delta = (await answer.json()) as Listed;
  expect(delta).toMatchObject({ since: first.cursor, cursor: whole.cursor, tokens_before: null, keys: [] });
  expect(sidsOf(delta)).toEqual(after);

  const nothing = await fetch(`${url}?since=${whole.cursor}`, {
    headers: { "if-none-match": `"${whole.cursor}"` },
  });
  expect([nothing.status, nothing.headers.get("etag"), await nothing.text()]).toEqual([
    304,
    `"${whole.cursor}"`,
    "",
  ]);
});

test("whoever is at a cursor of another log, ahead of this one or long ago gets the whole list", async () => {
  const app = await startApp();
  await addKnownLogOuts(app, 2500);
  const url = await listen(app);
  const { cursor } = await listOf(url);
  const [epoch] = cursor.split(".");
  for (const since of ["another.1", `${epoch}.2501`, `${epoch}.0`, "2400", "nonsense", ""]) {
    const list = (await (await fetch(`${url}?since=${since}`)).json()) as Listed;
    expect(list.since).toBeUndefined();
    expect(list.cursor).toBe(cursor);
    expect(list.sessions).toHaveLength(2500);
  }
});

test("a list of 100,000 entries is written in turns of less than 50 ms, so that others have theirs", async () => {
  const list = new RevocationList();
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  for (let count = 0; count < 100_000; count += 1)
    list.apply({ sid: newId(), tokens_before: expiresAt, expires_at: expiresAt });
  const cursor = { epoch: "here", number: 100_000 };
  /** How long each turn of writing the whole list takes, in milliseconds of this thread's own work. */
  const measureTurns = async (): Promise<number[]> => {
    const documents = createFeedDocuments({
      revocations: {
        list,
        cursor: () => cursor,
        recent: () => [],
        since: async () => ({ outcome: "entries", entries: [], cursor }),
        complete: async () => undefined,
      },
    });
    const work = { isDone: false };
    const written = documents.list("epoch").finally(() => {
      work.isDone = true;
    });
    const turnsMs: number[] = [];
    while (!work.isDone) {
      const before = process.threadCpuUsage();
      await nextTurn();
      const { user, system } = process.threadCpuUsage(before);
      turnsMs.push((user + system) / 1000);
    }
    const { pieces } = await written;
    expect((JSON.parse(Buffer.concat(pieces).toString()) as Listed).sessions).toHaveLength(100_000);
    return turnsMs;
  };
  const longestMs: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const turnsMs = await measureTurns();
    expect(turnsMs.length).toBeGreaterThanOrEqual(100);
    longestMs.push(Math.max(...turnsMs));
  }
  // A long turn of the code's own is in every round; a collection of garbage on a busy machine is not.
  expect(Math.min(...longestMs)).toBeLessThan(50);
});

test.each(backends)(
  "all who ask at one cursor share one copy, and so does the next cursor, on $name",
  async ({ open }) => {
    const store = await open();
    const userId = await createUser(store);
    for (let count = 0; count < 200; count += 1) await endedSession(store, userId);
    const revocations = await followRevocations({ log: store.revocations, database: store });
    onTestFinished(() => revocations.close());
    let copies = 0;
    const list = new Proxy(revocations.list, {
      get(target, name) {
        if (name === "snapshot") copies += 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const documents = createFeedDocuments({
      revocations: { ...revocations, list } satisfies RevocationFollower,
    });
    const [one, other] = await Promise.all([documents.list("epoch"), documents.list("epoch")]);
    expect(await documents.list("epoch")).toBe(await documents.list("epoch"));
    expect(one.pieces[1]).toBe(other.pieces[1]);
    await endedSession(store, userId);
    await expect.poll(() => revocations.cursor().number, { timeout: 20_000 }).toBe(201);
    const next = await documents.list("epoch");
    expect(next.pieces[1]).toBe(one.pieces[1]);
    expect((JSON.parse(Buffer.concat(next.pieces).toString()) as Listed).sessions).toHaveLength(201);
    expect(copies).toBe(1);
  },
);

test.each(backends)("another epoch means the whole list, without a loss, on $name", async ({ open }) => {
  const store = await open();
  const userId = await createUser(store);
  const ended = await endedSession(store, userId);
  const revocations = await followRevocations({ log: store.revocations, database: store });
  onTestFinished(() => revocations.close());
  const before = revocations.cursor();
  const epoch = await store.revocations.beginEpoch();
  expect(epoch).not.toBe(before.epoch);
  await expect
    .poll(() => revocations.cursor(), { timeout: 20_000 })
    .toEqual({ epoch, number: before.number });
  expect(await revocations.since(before)).toEqual({
    outcome: "reset",
    cursor: { epoch, number: before.number },
  });
  const documents = createFeedDocuments({ revocations });
  expect(await documents.since(before)).toBeUndefined();
  const list = JSON.parse(Buffer.concat((await documents.list("epoch")).pieces).toString()) as Listed;
  expect([list.cursor, ...sidsOf(list)]).toEqual([`${epoch}.${before.number}`, ended]);
});

test("another epoch means a reset for a stream that is open, which then goes on", async () => {
  const app = await startApp();
  const url = await listen(app);
  const follower = await openEventSource(url);
  onTestFinished(() => follower.close());
  await follower.until((events) => events.length > 0);
  await sql`update journal set revocation_epoch = 'the-next'`.execute(app.auth.database);
  await follower.until((events) => events.some(({ event }) => event === "reset"));
  expect(follower.events.at(-1)).toMatchObject({ id: "the-next.0", data: { cursor: "the-next.0" } });
  const [sid] = await addLogOuts(app, 1);
  await follower.until((events) => events.some(({ event }) => event === "revocation"));
  expect(follower.events.at(-1)).toMatchObject({ id: "the-next.1", data: { sid } });
});
