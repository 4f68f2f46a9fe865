import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { answerError } from "../../src/http/problems.ts";
import { revocationRoutes } from "../../src/revocations/routes.ts";
import { createFeedDocuments } from "../../src/revocations/documents.ts";
import { createRevocationFeed, type RevocationFeedOptions } from "../../src/revocations/feed.ts";
import { createIdentifyFollower, type FollowerRules } from "../../src/revocations/followers.ts";
import { createPlaces, type PlaceLimits } from "../../src/revocations/places.ts";
import { followRevocations, type RevocationFollowerOptions } from "../../src/revocations/follower.ts";
import type { Store } from "../database/store.ts";
import { createUser, endedSession } from "../feed/accounts.ts";
import { type EventSource, openEventSource, type ReceivedEvent } from "../feed/event-source.ts";
import { backends } from "../database/backends.ts";

type Options = Partial<RevocationFeedOptions & RevocationFollowerOptions & PlaceLimits & FollowerRules>;

const sources: EventSource[] = [];
afterEach(() => {
  for (const source of sources.splice(0)) source.close();
});

async function serve(store: Store, options: Options = {}): Promise<{ url: string; app: FastifyInstance }> {
  const app = Fastify({ forceCloseConnections: "idle" });
  app.setErrorHandler(answerError);
  const revocations = await followRevocations({ log: store.revocations, database: store, ...options });
  app.addHook("preClose", () => revocations.close());
  const { secrets = new Map(), letsStrangersIn = true } = options;
  await app.register(revocationRoutes, {
    feed: createRevocationFeed({ revocations, ...options }),
    documents: createFeedDocuments({ revocations }),
    places: createPlaces(options),
    identify: createIdentifyFollower({ secrets, letsStrangersIn }),
  });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { url: `${address}/revocations`, app };
}

async function follow(
  url: string,
  lastEventId?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventSource> {
  const source = await openEventSource(url, lastEventId, headers);
  sources.push(source);
  return source;
}

const entries = (events: readonly ReceivedEvent[]): readonly ReceivedEvent[] =>
  events.filter(({ event }) => event === "revocation");
const numbers = (source: EventSource): (string | undefined)[] =>
  entries(source.events).map(({ id }) => id?.split(".")[1]);
const epochOf = async (store: Store): Promise<string> => (await store.revocations.snapshot()).cursor.epoch;
const hasEntries =
  (count: number) =>
  (events: readonly ReceivedEvent[]): boolean =>
    entries(events).length >= count;
const has =
  (name: string) =>
  (events: readonly ReceivedEvent[]): boolean =>
    events.some(({ event }) => event === name);

describe.each(backends)("GET /revocations on $name", ({ open }) => {
  test("answers all that is in force, and 304 to whoever has it", async () => {
    const store = await open();
    const { url } = await serve(store);
    const epoch = await epochOf(store);
    const empty = await fetch(url);
    expect(await empty.json()).toEqual({ cursor: `${epoch}.0`, tokens_before: null, sessions: [], keys: [] });

    const sid = await endedSession(store, await createUser(store));
    await expect
      .poll(async () => (await fetch(url)).headers.get("etag"), { timeout: 5000 })
      .toBe(`"${epoch}.1"`);
    const response = await fetch(url, { headers: { accept: "application/json" } });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("vary")).toBe("accept");
    const soon = Math.floor(Date.now() / 1000) + 900;
    const list = (await response.json()) as { sessions: { tokens_before: number; expires_at: number }[] };
    expect(list).toMatchObject({ cursor: `${epoch}.1`, sessions: [{ sid }] });
    expect(list.sessions[0]?.tokens_before).toBeGreaterThanOrEqual(soon);
    expect(list.sessions[0]?.expires_at).toBeGreaterThanOrEqual(soon);

    const known = await fetch(url, { headers: { "if-none-match": `"${epoch}.1"` } });
    expect(known.status).toBe(304);
    expect(await known.text()).toBe("");
    expect((await fetch(url, { headers: { "if-none-match": `"${epoch}.0"` } })).status).toBe(200);
  });

  test("streams a heartbeat at once and again, and entries with their numbers as they happen", async () => {
    const store = await open();
    const { url } = await serve(store, { heartbeatIntervalMs: 50 });
    const epoch = await epochOf(store);
    const source = await follow(url);
    expect(source.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(source.headers["cache-control"]).toBe("no-store");
    await source.until((events) => events.filter(({ event }) => event === "heartbeat").length === 3);
    expect(source.events[0]).toMatchObject({
      event: "heartbeat",
      id: `${epoch}.0`,
      data: { cursor: `${epoch}.0` },
    });

    const userId = await createUser(store);
    const ended = [await endedSession(store, userId), await endedSession(store, userId)];
    await source.until(hasEntries(2));
    expect(entries(source.events)).toMatchObject([
      { id: `${epoch}.1`, data: { sid: ended[0] } },
      { id: `${epoch}.2`, data: { sid: ended[1] } },
    ]);
    const count = source.events.length;
    await source.until((events) => events.length > count);
    expect(source.events.at(-1)).toMatchObject({
      event: "heartbeat",
      id: `${epoch}.2`,
      data: { cursor: `${epoch}.2` },
    });
  });

  test("resumes after Last-Event-ID without a gap, from memory and from the store", async () => {
    const store = await open();
    const before = await createUser(store);
    for (let count = 0; count < 3; count += 1) await endedSession(store, before);
    // What happened before the start, and what no longer fits in memory, is read from the store.
    const { url } = await serve(store, { keptEntries: 2 });
    for (let count = 0; count < 6; count += 1) await endedSession(store, before);
    const epoch = await epochOf(store);
    const all = await follow(url, `${epoch}.0`);
    const some = await follow(url, `${epoch}.4`);
    const last = await follow(url, `${epoch}.8`);
    await Promise.all([all.until(hasEntries(9)), some.until(hasEntries(5)), last.until(hasEntries(1))]);
    await endedSession(store, before);
    await Promise.all([all.until(hasEntries(10)), some.until(hasEntries(6)), last.until(hasEntries(2))]);
    expect(numbers(all)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    expect(numbers(some)).toEqual(["5", "6", "7", "8", "9", "10"]);
    expect(numbers(last)).toEqual(["9", "10"]);
    expect(has("reset")([...all.events, ...some.events, ...last.events])).toBe(false);
  });

  test("resets who cannot be resumed without a gap, and goes on from there", async () => {
    let nowMs = 1_800_000_000_000;
    const store = await open({ nowMs: () => nowMs });
    const userId = await createUser(store);
    await endedSession(store, userId);
    nowMs += 3_600_000;
    expect(await store.revocations.prune()).toBe(1);
    await endedSession(store, userId);
    const { url } = await serve(store);
    const epoch = await epochOf(store);
    for (const lastEventId of [`${epoch}.0`, `${epoch}.3`, "another.1", "a number of another server"]) {
      const source = await follow(url, lastEventId);
      await source.until(has("heartbeat"));
      expect(source.events).toMatchObject([
        { event: "reset", id: `${epoch}.2`, data: { cursor: `${epoch}.2` } },
        { event: "heartbeat", data: { cursor: `${epoch}.2` } },
      ]);
    }
    const source = await follow(url, `${epoch}.0`);
    await source.until(has("reset"));
    await endedSession(store, userId);
    await source.until(hasEntries(1));
    expect(numbers(source)).toEqual(["3"]);
  });

  test("serves a bounded number of strangers and gives a place free when one leaves", async () => {
    const store = await open();
    const { url } = await serve(store, { strangers: 2 });
    const first = await follow(url);
    await follow(url);
    const refused = await follow(url);
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toBe("5");
    expect(JSON.parse(await refused.ended)).toMatchObject({ code: "unavailable" });
    expect((await fetch(url)).status).toBe(200);
    first.close();
    await expect.poll(async () => (await follow(url)).status, { timeout: 5000 }).toBe(200);
  });

  test("ends its streams properly when the server stops", async () => {
    const store = await open();
    const { url, app } = await serve(store);
    const source = await follow(url);
    await source.until(has("heartbeat"));
    const startedAtMs = performance.now();
    await app.close();
    expect(await source.ended).toBe("");
    expect(performance.now() - startedAtMs).toBeLessThan(2000);
  });
});
