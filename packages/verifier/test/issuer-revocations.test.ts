// The issuer's revocation feed over HTTP: snapshot, events, resume, gaps, silence, outages, policies.
import { generateKey, keySet } from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import type {
  AccessVerifier,
  AccessVerifierOptions,
  RevocationsStatus,
  VerifierEvent,
} from "@countersign/verifier";
import { afterEach, expect, test } from "vitest";
import { audience, issuerWithKey } from "./fixtures/issuer.ts";
import type { LocalIssuer } from "./fixtures/issuer.ts";
import { followRevocations } from "../src/revocation-feed.ts";
import { feedPath, IssuerServer, sendJson } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";

const start = 1_800_000_000;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
});

interface Rig {
  readonly clock: { now: number };
  readonly server: IssuerServer;
  readonly local: LocalIssuer;
  readonly verifier: AccessVerifier;
  readonly events: VerifierEvent[];
  /** Waits until the verifier says so of its revocations. */
  readonly until: (expected: Partial<RevocationsStatus>) => Promise<void>;
}

async function setUp(options: Partial<AccessVerifierOptions> = {}): Promise<Rig> {
  const clock = { now: start };
  const key = await generateKey("ES256");
  const server = await new IssuerServer(keySet([key])).start();
  const now = (): number => clock.now;
  const events: VerifierEvent[] = [];
  const onEvent = (event: VerifierEvent): unknown => events.push(event);
  const verifier = createAccessVerifier({ issuer: server.url, audience, now, onEvent, ...options });
  cleanUps.push(verifier.close, () => server.stop());
  const until = async (expected: Partial<RevocationsStatus>): Promise<void> => {
    await expect.poll(() => verifier.status().revocations, { timeout: 10_000 }).toMatchObject(expected);
  };
  return { clock, server, local: issuerWithKey(key, { now, iss: server.url }), verifier, events, until };
}

function logOut(sid: string): { sid: string; tokens_before: number; expires_at: number } {
  return { sid, tokens_before: start + 1, expires_at: start + 600 };
}

/** Whether a token of this session gets through. */
async function isAccepted({ verifier, local }: Rig, sid: string): Promise<boolean> {
  try {
    await verifier.authenticate(`Bearer ${local.issue({ sid, iat: start })}`);
    return true;
  } catch {
    return false;
  }
}

test("TV-14 starts with the whole list, before the first request is judged", async () => {
  const rig = await setUp();
  rig.server.revoke(logOut("gone"));
  expect(await isAccepted(rig, "gone")).toBe(false);
  expect(await isAccepted(rig, "here")).toBe(true);
  expect(rig.verifier.status().revocations).toMatchObject({
    source: "issuer",
    state: "fresh",
    cursor: "1",
    size: 1,
  });
});

test("LO-01 a log-out reaches a verifier that remembers the token", async () => {
  const rig = await setUp();
  const authorization = `Bearer ${rig.local.issue({ sid: "s" })}`;
  await rig.verifier.ready();
  await rig.until({ connected: true });
  expect(rig.verifier.authenticate(authorization)).toMatchObject({ sessionId: "s" });
  rig.server.revoke(logOut("s"));
  await rig.until({ cursor: "1", events: 1, behind: 0 });
  expect((await refusalOf(() => rig.verifier.authenticate(authorization))).reason).toBe("revoked");
  expect(rig.events).toContainEqual({ type: "revocation_applied", cursor: "1" });
});

test("a revoked key kills its tokens at once, without a word from the key set", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.revoke({ kid: rig.local.key.kid as string });
  await rig.until({ events: 1 });
  expect(await isAccepted(rig, "s")).toBe(false);
});

test("after an interruption it resumes where it was, with Last-Event-ID and no second list", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.revoke(logOut("a"));
  await rig.until({ events: 1 });
  await rig.server.stop();
  await rig.until({ connected: false, lastFailure: "unreachable" });
  expect(await isAccepted(rig, "a")).toBe(false);
  expect(await isAccepted(rig, "b")).toBe(true);
  // Missed while away, and served from the log afterwards.
  rig.server.revoke(logOut("b"));
  const missed = `id: 2\nevent: revocation\ndata: ${JSON.stringify(logOut("b"))}\n\n`;
  rig.server.bend.set(`stream ${feedPath}`, (request, response) => {
    rig.server.resumed.push(String(request.headers["last-event-id"]));
    response.writeHead(200, { "content-type": "text/event-stream" }).write(missed);
  });
  await rig.server.start();
  await rig.until({ cursor: "2", connected: true, lastFailure: undefined });
  expect(await isAccepted(rig, "b")).toBe(false);
  expect(rig.server.resumed).toEqual(["0", "1"]);
  expect(rig.verifier.status().revocations.snapshots).toBe(1);
});

test("an entry that comes twice is applied once", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.revoke(logOut("a"));
  await rig.until({ events: 1 });
  rig.server.send(`id: 1\nevent: revocation\ndata: ${JSON.stringify(logOut("a"))}\n\n`);
  rig.server.revoke(logOut("b"));
  await rig.until({ events: 2, cursor: "2", snapshots: 1 });
});

/** What makes the whole list necessary again. Each leaves the list of the issuer one entry longer than ours. */
const gaps: Record<string, (server: IssuerServer) => void> = {
  "an entry is missing": (server) => server.send(`id: 3\nevent: revocation\ndata: {"kid":"x"}\n\n`),
  "the issuer says reset": (server) => server.send(`event: reset\ndata: {"cursor":"9"}\n\n`),
};

for (const [what, cause] of Object.entries(gaps)) {
  test(`takes the whole list again when ${what}`, async () => {
    const rig = await setUp();
    rig.server.heartbeatMs = 60_000;
    await rig.verifier.ready();
    await rig.until({ connected: true });
    rig.server.snapshot = { ...rig.server.snapshot, cursor: "3", sessions: [logOut("a")] };
    cause(rig.server);
    await rig.until({ snapshots: 2, cursor: "3", connected: true });
    expect(await isAccepted(rig, "a")).toBe(false);
    expect(rig.events).toContainEqual(
      expect.objectContaining({ type: "revocations_interrupted", reason: "feed_gap" }),
    );
    expect(rig.server.resumed).toEqual(["0", "3"]);
  });
}

test("takes the whole list again when the issuer's log became shorter, as after a restored backup", async () => {
  const rig = await setUp();
  rig.server.snapshot = { cursor: "7", tokens_before: null, sessions: [logOut("undone")], keys: [] };
  await rig.verifier.ready();
  await rig.until({ connected: true, cursor: "7" });
  rig.server.snapshot = { cursor: "4", tokens_before: null, sessions: [logOut("a")], keys: [] };
  await rig.until({ snapshots: 2, cursor: "4" });
  expect(await isAccepted(rig, "a")).toBe(false);
});

test("says how far it is behind, and takes the whole list when promised entries do not come", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.snapshot = { ...rig.server.snapshot, cursor: "5", sessions: [logOut("a")] };
  await rig.until({ behind: 5 });
  rig.clock.now += 16;
  await rig.until({ snapshots: 2, cursor: "5", behind: 0 });
  expect(await isAccepted(rig, "a")).toBe(false);
});

test("TV-14 accept-until-expiry: with the feed down tokens keep working, revocations freeze and the status says so", async () => {
  const rig = await setUp();
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.server.stop();
  rig.clock.now += 31;
  await rig.until({ state: "stale", connected: false, ageSeconds: 31 });
  expect(await isAccepted(rig, "a")).toBe(false);
  expect(await isAccepted(rig, "b")).toBe(true);
  await rig.server.start();
  await rig.until({ state: "fresh", connected: true, lastFailure: undefined });
});

test("TV-14 reject: with the feed stale every good token is a 503, a bad one still a 401", async () => {
  const rig = await setUp({ whenStale: "reject", maxStalenessSeconds: 10 });
  await rig.verifier.ready();
  expect(await isAccepted(rig, "a")).toBe(true);
  await rig.server.stop();
  rig.clock.now += 10;
  expect(await isAccepted(rig, "a")).toBe(true);
  rig.clock.now += 1;
  const refusal = await refusalOf(() => rig.verifier.authenticate(`Bearer ${rig.local.issue()}`));
  expect([refusal.code, refusal.status]).toEqual(["revocations_stale", 503]);
  expect((await refusalOf(() => rig.verifier.authenticate("Bearer x"))).status).toBe(401);
  await rig.server.start();
  await rig.until({ state: "fresh" });
  expect(await isAccepted(rig, "a")).toBe(true);
});

test("TV-14 a clock that goes back does not make a dead feed look fresh", async () => {
  const rig = await setUp({ whenStale: "reject" });
  await rig.verifier.ready();
  await rig.server.stop();
  rig.clock.now -= 3600;
  await rig.until({ state: "stale" });
});

test("ready() and the reject policy hold a service back until the list is there", async () => {
  const rig = await setUp({ whenStale: "reject" });
  rig.server.bend.set(feedPath, (_request, response) => response.writeHead(503).end());
  expect((await refusalOf(rig.verifier.ready)).code).toBe("revocations_stale");
  expect((await refusalOf(() => rig.verifier.authenticate(`Bearer ${rig.local.issue()}`))).status).toBe(503);
  rig.server.bend.clear();
  await rig.until({ state: "fresh" });
  expect(await isAccepted(rig, "a")).toBe(true);
});

test("a shared secret and the issuer's feed go together", async () => {
  const { server, clock } = await setUp();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const verifier = createAccessVerifier({ issuer: server.url, audience, secret, now: () => clock.now });
  cleanUps.push(verifier.close);
  await verifier.ready();
  expect(verifier.status()).toMatchObject({
    keys: { source: "in-process", state: "fresh", count: 1 },
    revocations: { source: "issuer", state: "fresh" },
  });
});

/** What a hostile or broken feed may send, and how the verifier calls it. */
const hostileEvents: Record<string, { text: string; failure: string }> = {
  "what is not JSON": { text: "id: 1\nevent: revocation\ndata: {\n\n", failure: "not_json" },
  "no object": { text: "id: 1\nevent: revocation\ndata: null\n\n", failure: "invalid_document" },
  "an entry without a number": {
    text: 'event: revocation\ndata: {"kid":"a"}\n\n',
    failure: "invalid_document",
  },
  "a number that is none": {
    text: 'id: 1e3\nevent: revocation\ndata: {"kid":"a"}\n\n',
    failure: "invalid_document",
  },
  "an instant that is text": {
    text: 'id: 1\nevent: revocation\ndata: {"sid":"a","tokens_before":"1","expires_at":2}\n\n',
    failure: "invalid_document",
  },
  "an entry of no known kind": {
    text: 'id: 1\nevent: revocation\ndata: {"jti":"a"}\n\n',
    failure: "invalid_document",
  },
  "an event without end": { text: `data: ${"x".repeat(20_000)}`, failure: "invalid_document" },
};

for (const [what, { text, failure }] of Object.entries(hostileEvents)) {
  test(`a feed that sends ${what} is left and tried again, and what is known stays`, async () => {
    const rig = await setUp();
    rig.server.revoke(logOut("a"));
    await rig.verifier.ready();
    await rig.until({ connected: true });
    rig.server.send(text);
    await expect
      .poll(() => rig.events)
      .toContainEqual(expect.objectContaining({ type: "revocations_interrupted", reason: failure }));
    await rig.until({ connected: true, snapshots: 2 });
    expect(await isAccepted(rig, "a")).toBe(false);
    expect(await isAccepted(rig, "b")).toBe(true);
  });
}

test("a list in another format is not believed, and none of it is applied", async () => {
  const good = { cursor: "1", tokens_before: null, sessions: [logOut("a")], keys: ["k"] };
  const bad = [
    null,
    [],
    {},
    { ...good, cursor: 1 },
    { ...good, cursor: "-1" },
    { ...good, tokens_before: "now" },
  ];
  bad.push({ ...good, sessions: {} }, { ...good, sessions: [null] }, { ...good, sessions: [logOut("")] });
  bad.push(
    { ...good, sessions: [{ ...logOut("a"), expires_at: 1.5 }] },
    { ...good, keys: [1] },
    { ...good, keys: "k" },
  );
  for (const content of bad) {
    const rig = await setUp();
    rig.server.bend.set(feedPath, (_request, response) => sendJson(response, content));
    expect((await refusalOf(rig.verifier.ready)).reason).toBe("invalid_document");
    expect(rig.verifier.status().revocations).toMatchObject({ state: "missing", size: 0, cursor: "0" });
    rig.verifier.close();
  }
});

test("a redirected feed is not followed", async () => {
  const rig = await setUp();
  rig.server.bend.set(`stream ${feedPath}`, (_request, response) => {
    response.writeHead(302, { location: `${rig.server.url}/elsewhere` }).end();
  });
  await rig.verifier.ready();
  await rig.until({ lastFailure: "redirected" });
  expect(rig.server.requests).not.toContain("stream /elsewhere");
});

test("a feed that accepts and never answers is given up after 3 seconds", async () => {
  const rig = await setUp();
  rig.server.bend.set(`stream ${feedPath}`, () => undefined);
  await rig.verifier.ready();
  await rig.until({ lastFailure: "timed_out" });
});

test("a feed that falls silent is given up, even if it dribbles comments", async () => {
  const { server } = await setUp();
  server.bend.set(`stream ${feedPath}`, (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('event: heartbeat\ndata: {"cursor":"0"}\n\n');
    const timer = setInterval(() => response.write(": still here\n\n"), 50);
    response.on("close", () => clearInterval(timer));
  });
  const { signal } = new AbortController();
  const messages: unknown[] = [];
  const follow = async (): Promise<void> => {
    const address = { url: server.url + feedPath, fetch, signal, silenceTimeoutMs: 300 };
    for await (const message of followRevocations(address, "0")) messages.push(message);
  };
  await expect(follow()).rejects.toMatchObject({ code: "timed_out" });
  expect(messages).toEqual([{ type: "heartbeat", sequence: 0 }]);
});

test("a feed that keeps sending is followed for longer than it may be silent", async () => {
  const { server } = await setUp();
  const closing = new AbortController();
  const address = { url: server.url + feedPath, fetch, signal: closing.signal, silenceTimeoutMs: 300 };
  let heartbeats = 0;
  for await (const { type } of followRevocations(address, "0")) {
    expect(type).toBe("heartbeat");
    heartbeats += 1;
    if (heartbeats > 5) break;
  }
  expect(heartbeats).toBe(6);
});

test("attempts come less and less often, spread at random", async () => {
  const rig = await setUp({ random: () => 0 });
  await rig.verifier.ready();
  await rig.server.stop();
  await expect.poll(() => rig.verifier.status().revocations.failures, { timeout: 10_000 }).toBeGreaterThan(3);
  const pauses = rig.events
    .filter((event) => event.type === "revocations_interrupted")
    .map((event) => event.retryInMs);
  expect(pauses.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
});

test("close ends the connection to the feed", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  expect(rig.server.streams.size).toBe(1);
  rig.verifier.close();
  await expect.poll(() => rig.server.streams.size).toBe(0);
});
