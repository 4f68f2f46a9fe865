// The feed with epochs: opaque cursors, what came since, followers that say who they are, refusals, and time.
import { createAccessVerifier, RevocationList } from "@countersign/verifier";
import { expect, onTestFinished, test } from "vitest";
import { audience } from "./fixtures/issuer.ts";
import { createIssuerRevocations } from "../src/issuer-revocations.ts";
import { feedPath, keysPath, sendJson } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { bearer, isAccepted, logOut, setUp, start } from "./fixtures/rig.ts";
import type { Rig } from "./fixtures/rig.ts";

async function setUpWithEpoch(options: Parameters<typeof setUp>[0] = {}): Promise<Rig> {
  const rig = await setUp({ random: () => 1, ...options });
  rig.server.epoch = "e-1";
  return rig;
}

test("takes the list, then follows after its cursor", async () => {
  const rig = await setUpWithEpoch();
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.until({ cursor: "e-1.1", connected: true });
  rig.server.revoke(logOut("b"));
  await rig.until({ cursor: "e-1.2", events: 1, snapshots: 1, state: "fresh" });
  expect(rig.server.resumed).toEqual(["e-1.1"]);
  expect([await isAccepted(rig, "a"), await isAccepted(rig, "b")]).toEqual([false, false]);
});

test("takes the list of another epoch, and keeps what it knows of the one before", async () => {
  const rig = await setUpWithEpoch();
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.epoch = "e-2";
  rig.server.snapshot = { cursor: "0", tokens_before: null, sessions: [logOut("b")], keys: [] };
  await rig.until({ cursor: "e-2.0", snapshots: 2, connected: true });
  expect([await isAccepted(rig, "a"), await isAccepted(rig, "b")]).toEqual([false, false]);
});

test("goes over from an older server's numbers to epochs, and back, without losing anything", async () => {
  const rig = await setUp({ random: () => 1 });
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.until({ cursor: "1", connected: true });
  rig.server.epoch = "e-1";
  await rig.until({ cursor: "e-1.1", connected: true });
  rig.server.epoch = undefined;
  await rig.until({ cursor: "1", snapshots: 3, connected: true });
  expect(await isAccepted(rig, "a")).toBe(false);
});

test("without a place for its stream it polls the list by its cursor, and stays fresh", async () => {
  const rig = await setUpWithEpoch();
  rig.server.full = "stream";
  await rig.verifier.ready();
  rig.server.revoke(logOut("a"));
  await rig.until({ cursor: "e-1.1", connected: false, lastFailure: "busy" });
  expect(await isAccepted(rig, "a")).toBe(false);
  rig.clock.now += 31;
  await rig.until({ state: "fresh", connected: false });
  expect(rig.server.lists).toContainEqual({ since: "e-1.0", status: 200 });
  expect(rig.server.lists).toContainEqual({ since: "e-1.1", status: 304 });
  expect(rig.verifier.status().revocations.snapshots).toBe(1);
  rig.server.full = "no";
  await rig.until({ connected: true, lastFailure: undefined });
});

test("RFC 9110 §10.2.3: asks for a stream again only after the time that a full issuer names", async () => {
  const rig = await setUpWithEpoch();
  rig.server.full = "stream";
  await rig.verifier.ready();
  await rig.until({ polls: 3 });
  const streams = rig.server.count(`stream ${feedPath}`);
  expect(streams).toBeLessThan(rig.server.lists.length);
});

test("a stale list says so once nothing has confirmed it for its limit", async () => {
  const rig = await setUpWithEpoch({ whenStale: "reject" });
  await rig.verifier.ready();
  rig.server.full = "all";
  for (const stream of rig.server.streams) stream.destroy();
  rig.clock.now += 31;
  await rig.until({ state: "stale", connected: false, lastFailure: "busy" });
  expect((await refusalOf(() => rig.verifier.authenticate(bearer(rig.local.issue())))).code).toBe(
    "revocations_stale",
  );
  rig.server.full = "no";
  await rig.until({ state: "fresh" });
});

test("RFC 9111 §5.1: a list that a cache has kept is as old as the cache says", async () => {
  const rig = await setUpWithEpoch();
  rig.server.full = "stream";
  await rig.verifier.ready();
  rig.server.bend.set(feedPath, (_request, response) => {
    response.writeHead(304, { age: "40", etag: `"${rig.server.cursor}"` }).end();
  });
  rig.clock.now += 100;
  await rig.until({ state: "stale", ageSeconds: 40 });
});

test("never takes an older list of the same epoch in place of a newer one", async () => {
  const rig = await setUpWithEpoch();
  for (const sid of ["a", "b", "c"]) rig.server.revoke(logOut(sid));
  await rig.verifier.ready();
  rig.server.full = "stream";
  for (const stream of rig.server.streams) stream.destroy();
  const older = { cursor: "e-1.1", tokens_before: null, sessions: [logOut("a")], keys: [] };
  rig.server.bend.set(feedPath, (_request, response) => sendJson(response, older));
  await rig.until({ lastFailure: "outdated_list", cursor: "e-1.3" });
  rig.clock.now += 31;
  await rig.until({ state: "stale" });
  expect(await isAccepted(rig, "c")).toBe(false);
});

test("what came after another cursor than ours is not believed, and the whole list is taken", async () => {
  const rig = await setUpWithEpoch();
  rig.server.full = "stream";
  await rig.verifier.ready();
  rig.server.revoke(logOut("a"));
  const foreign = { since: "e-1.7", cursor: "e-1.9", tokens_before: null, sessions: [], keys: [] };
  rig.server.bend.set(feedPath, (_request, response) => sendJson(response, foreign));
  await rig.until({ lastFailure: "invalid_document" });
  rig.server.bend.clear();
  await rig.until({ snapshots: 2, cursor: "e-1.1" });
});

test("a follower says who it is in each request (RFC 7617 §2)", async () => {
  const rig = await setUpWithEpoch({ feedCredentials: { id: "reports", secret: "s3cret:%+/=" } });
  rig.server.credentials = "reports:s3cret:%+/=";
  await rig.verifier.ready();
  await rig.until({ connected: true, state: "fresh", failures: 0 });
});

test("a follower that is not admitted says so, and goes on with what it knows", async () => {
  const rig = await setUpWithEpoch({ feedCredentials: { id: "reports", secret: "wrong" } });
  rig.server.credentials = "reports:right";
  expect(await refusalOf(rig.verifier.ready)).toMatchObject({
    code: "revocations_stale",
    reason: "not_admitted",
  });
});

test("credentials that no header can carry are a mistake", () => {
  const options = { issuer: "https://auth.example", audience };
  for (const feedCredentials of [
    { id: "a:b", secret: "x" },
    { id: "", secret: "x" },
    { id: "a", secret: "" },
    { id: "a", secret: "é" },
    { id: 7, secret: "x" },
    { id: "a", secret: "x", name: "y" },
  ]) {
    expect(() => createAccessVerifier({ ...options, feedCredentials: feedCredentials as never })).toThrow(
      TypeError,
    );
  }
  const feedCredentials = { id: "a", secret: "x" };
  expect(() => createAccessVerifier({ ...options, feedCredentials, revocations: null })).toThrow(
    "feedCredentials is about the issuer's feed, which is not followed",
  );
});

test("an issuer that is only a name is asked where the options say", async () => {
  const { server, local, clock } = await setUp();
  const verifier = createAccessVerifier({
    issuer: "the-issuer",
    audience,
    jwksUri: server.url + keysPath,
    revocationsUri: server.url + feedPath,
    now: () => clock.now,
  });
  onTestFinished(verifier.close);
  await verifier.ready();
  expect(server.requests.filter((asked) => asked.includes("well-known/oauth"))).toEqual([]);
  const token = local.issue({ iss: undefined, sid: "s" });
  expect((await refusalOf(() => verifier.authenticate(bearer(token)))).code).toBe("token_invalid");
  expect(verifier.status()).toMatchObject({ keys: { state: "fresh" }, revocations: { state: "fresh" } });
});

test("an issuer that is only a name, and is to be asked, is a mistake that names the option", () => {
  const revocationsUri = "https://auth.internal/revocations";
  const jwksUri = "https://auth.internal/jwks";
  const make = (options: object) => () => createAccessVerifier({ issuer: "a-name", audience, ...options });
  expect(make({})).toThrow("or say jwksUri, and the issuer may be any name");
  expect(make({ revocationsUri })).toThrow("or say jwksUri");
  expect(make({ jwksUri })).toThrow("or say revocationsUri");
  expect(make({ jwksUri, revocationsUri: "http://auth.internal/" })).toThrow(
    "revocationsUri: the URL must be https",
  );
  make({ jwksUri, revocationsUri })().close();
  make({ jwksUri, revocations: null })().close();
});

const entry = (sid: string, tokensBefore: number, expiresAt: number) => ({
  sid,
  tokens_before: tokensBefore,
  expires_at: expiresAt,
});

test("an entry is kept 990 seconds at most, and asked about before it is forgotten", () => {
  let now = start;
  const list = new RevocationList({ now: () => now });
  list.apply(entry("a", start + 1, start + 900));
  now += 940;
  expect(list.isLapsing).toBe(false);
  list.apply(entry("far", start + 1, start + 1_000_000));
  now += 929;
  expect(list.isLapsing).toBe(false);
  now += 1;
  expect(list.isLapsing).toBe(true);
  list.update({ ...list.snapshot(), sessions: [entry("far", start + 1, start + 1_000_000)] });
  expect(list.isLapsing).toBe(false);
  now += 991;
  list.apply({ kid: "k" });
  expect([list.isRevoked({ sid: "far", iat: start }, undefined), list.size]).toEqual([false, 1]);
});

test("asks for the list again before it forgets what the issuer still has", async () => {
  const rig = await setUpWithEpoch();
  rig.server.revoke(entry("far", start + 1, start + 1_000_000));
  await rig.verifier.ready();
  await rig.until({ connected: true, snapshots: 1 });
  rig.clock.now += 931;
  await rig.until({ connected: true, snapshots: 2, size: 1 });
});

test("a tokens_before ahead of the clock counts only while the newest list has it", () => {
  let now = start;
  const list = new RevocationList({ now: () => now, clockToleranceSeconds: 5 });
  const none = { cursor: "1", tokens_before: null, sessions: [], keys: [] };
  const dead = (iat: number): boolean => list.isRevoked({ iat }, undefined);
  list.update({ ...none, tokens_before: start + 3600 });
  expect([dead(start), list.snapshot().tokens_before]).toEqual([true, start + 3600]);
  list.update({ ...none, tokens_before: start });
  expect([dead(start - 1), dead(start)]).toEqual([true, false]);
  list.update(none);
  expect(dead(start - 1)).toBe(true);
  list.apply({ tokens_before: start + 5 });
  list.update(none);
  expect(dead(start + 4)).toBe(true);
  list.apply({ tokens_before: start + 3600 });
  expect([dead(start + 3599), list.isLapsing]).toEqual([true, false]);
  now += 60;
  expect(list.isLapsing).toBe(true);
  list.update(none);
  expect([dead(start + 3599), list.isLapsing]).toEqual([false, false]);
});

/** Every order in which a token and a revocation of the same second can be made and can reach us. */
for (const order of ["token first", "revocation first"] as const) {
  for (const [what, iat, isDead] of [
    ["of the second before", start, true],
    ["of the revocation's second, made before it", start, true],
    ["dated at the revocation's next second, made after it", start + 1, false],
    ["with parts of a second", start + 0.999, true],
  ] as const) {
    for (const skew of [0, 4, -4]) {
      test(`TV-14: a token ${what}, ${order}, the issuer's clock ${skew} s from ours`, () => {
        const list = new RevocationList({ now: () => start - skew });
        // The issuer revokes within the second `start`, and tells the next one.
        const revoke = (): void => list.apply(entry("s", start + 1, start + 901));
        if (order === "revocation first") revoke();
        const before = list.isRevoked({ sid: "s", iat }, undefined);
        if (order === "token first") revoke();
        expect(list.isRevoked({ sid: "s", iat }, undefined)).toBe(isDead);
        expect(before).toBe(order === "revocation first" && isDead);
      });
    }
  }
}

test("TV-14: a session that has ended stays dead, though the issuer's clock is set back afterwards", () => {
  const list = new RevocationList({ now: () => start });
  list.apply(entry("s", start + 900, start + 900));
  list.apply(entry("s", start - 3600, start - 2700));
  for (const iat of [start - 3600, start, start + 899])
    expect(list.isRevoked({ sid: "s", iat }, undefined)).toBe(true);
});

test("more revocations than there is room for are refused in words, and what is known stays", async () => {
  const { server, clock } = await setUp();
  server.epoch = "e-1";
  server.revoke(logOut("a"));
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const now = (): number => clock.now;
  const list = new RevocationList({ now });
  const reasons: string[] = [];
  const found = { jwksUri: "", revocationFeed: server.url + feedPath };
  const feed = createIssuerRevocations({
    discovery: { find: () => Promise.resolve(found), forget: () => undefined },
    list,
    fetch,
    signal: closing.signal,
    emit: (event) => event.type === "revocations_interrupted" && reasons.push(event.reason),
    maxEntries: 2,
    now,
    random: () => 1,
  });
  await feed.start();
  await expect.poll(() => feed.status().connected).toBe(true);
  for (const sid of ["b", "c"]) server.revoke(logOut(sid));
  await expect.poll(() => reasons).toContain("too_many_revocations");
  expect(list.size).toBe(2);
  expect(list.isRevoked({ sid: "b", iat: start }, undefined)).toBe(true);
  clock.now += 31;
  expect(feed.isFresh(30)).toBe(false);
  // What has expired makes room.
  clock.now += 900;
  server.snapshot = { ...server.snapshot, sessions: [{ ...logOut("d"), expires_at: clock.now + 600 }] };
  await expect.poll(() => feed.isFresh(30), { timeout: 20_000 }).toBe(true);
  expect(list.size).toBe(1);
});
