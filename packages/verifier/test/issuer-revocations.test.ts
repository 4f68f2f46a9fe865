// The issuer's revocation feed over HTTP: snapshot, events, resume, gaps, outages, policies.
import { createAccessVerifier } from "@countersign/verifier";
import { expect, onTestFinished, test } from "vitest";
import { audience } from "./fixtures/issuer.ts";
import { feedPath } from "./fixtures/issuer-server.ts";
import type { IssuerServer } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { isAccepted, logOut, setUp } from "./fixtures/rig.ts";

test("TV-14: starts with the whole list, before the first request is judged", async () => {
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

test("LO-01: a log-out reaches a verifier that remembers the token", async () => {
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

test("TV-14: accept-until-expiry: with the feed down tokens keep working, revocations freeze and the status says so", async () => {
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

test("TV-14: reject: with the feed stale every good token is a 503, a bad one still a 401", async () => {
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

test("TV-14: a clock that goes back does not make a dead feed look fresh", async () => {
  const rig = await setUp({ whenStale: "reject" });
  await rig.verifier.ready();
  await rig.server.stop();
  rig.clock.now -= 3600;
  await rig.until({ state: "stale" });
});

test("a clock that is set back across a second makes nothing stale", async () => {
  const rig = await setUp({ whenStale: "reject" });
  await rig.verifier.ready();
  await rig.server.stop();
  rig.clock.now -= 1;
  expect(rig.verifier.status().revocations.state).toBe("fresh");
  expect(await isAccepted(rig, "a")).toBe(true);
});

test("TV-14: a clock that jumps ahead and comes back costs no revocation that still counts", async () => {
  const rig = await setUp();
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.clock.now += 3600;
  rig.server.revoke(logOut("b"));
  await rig.until({ events: 1, size: 0 });
  rig.clock.now -= 3600;
  await rig.until({ snapshots: 2, size: 2, connected: true });
  expect(await isAccepted(rig, "a")).toBe(false);
  expect(await isAccepted(rig, "b")).toBe(false);
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
  onTestFinished(verifier.close);
  await verifier.ready();
  expect(verifier.status()).toMatchObject({
    keys: { source: "in-process", state: "fresh", count: 1 },
    revocations: { source: "issuer", state: "fresh" },
  });
});

test("attempts come less and less often, spread at random", async () => {
  const rig = await setUp({ random: () => 0.5 });
  await rig.verifier.ready();
  await rig.server.stop();
  await expect.poll(() => rig.verifier.status().revocations.failures, { timeout: 10_000 }).toBeGreaterThan(3);
  const pauses = rig.events
    .filter((event) => event.type === "revocations_interrupted")
    .map((event) => event.retryInMs);
  expect(pauses.slice(0, 4)).toEqual([188, 375, 750, 1500]);
});

test("close ends the connection to the feed", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  expect(rig.server.streams.size).toBe(1);
  rig.verifier.close();
  await expect.poll(() => rig.server.streams.size).toBe(0);
});
