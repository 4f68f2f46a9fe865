// Keys fetched from an issuer over HTTP: discovery, sharing, cool-down, outages, rotation.
import { exportJwkSet, generateKey, keySet } from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { audience, issuerWithKey } from "./fixtures/issuer.ts";
import { keysPath, metadataPath, sendJson } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { bearer, issueWith, setUpKeysAlone, untilReady } from "./fixtures/rig.ts";

test("finds the keys through the issuer's metadata (RFC 8414 §3)", async () => {
  const { server, verifier, local } = await setUpKeysAlone();
  await verifier.ready();
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  expect(server.requests).toEqual([`GET ${metadataPath}`, `GET ${keysPath}`]);
  expect(verifier.status().keys).toMatchObject({ source: "issuer", state: "fresh", count: 1, ageSeconds: 0 });
});

test("asks for the metadata of an issuer with a path where RFC 8414 §3.1 puts them", async () => {
  const { server, events } = await setUpKeysAlone();
  const issuer = `${server.url}/tenants/one`;
  const verifier = createAccessVerifier({ issuer, audience, revocations: null });
  await refusalOf(verifier.ready);
  verifier.close();
  expect(server.requests).toEqual([`GET ${metadataPath}/tenants/one`]);
  expect(events).toEqual([]);
});

test("nothing is asked before the first request, and then only once for many", async () => {
  const { server, verifier, local } = await setUpKeysAlone();
  expect(server.requests).toEqual([]);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => verifier.authenticate(bearer(local.issue()))),
  );
  expect(answers).toHaveLength(50);
  expect(server.requests).toEqual([`GET ${metadataPath}`, `GET ${keysPath}`]);
});

test("jwksUri spares the discovery", async () => {
  const { server, local, clock } = await setUpKeysAlone();
  const jwksUri = server.url + keysPath;
  const verifier = createAccessVerifier({
    issuer: server.url,
    audience,
    jwksUri,
    revocations: null,
    now: () => clock.now,
  });
  await verifier.ready();
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  expect(server.requests).toEqual([`GET ${keysPath}`]);
  verifier.close();
});

test("K14 TV-10 ten thousand random kids cause one fetch in 30 seconds", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  const forger = await generateKey("ES256");
  const forged = issuerWithKey(forger, { now: () => rig.clock.now, iss: rig.server.url }).issue();
  const [, ...rest] = forged.split(".");
  const attempts = Array.from({ length: 10_000 }, () => {
    const header = Buffer.from(JSON.stringify({ alg: "ES256", typ: "at+jwt", kid: randomUUID() })).toString(
      "base64url",
    );
    return refusalOf(() => rig.verifier.authenticate(bearer([header, ...rest].join("."))));
  });
  const codes = new Set((await Promise.all(attempts)).map((error) => error.code));
  expect(codes).toEqual(new Set(["token_invalid"]));
  expect(rig.server.count(`GET ${keysPath}`)).toBe(2);
  rig.clock.now += 29;
  await refusalOf(() => rig.verifier.authenticate(bearer(forged)));
  expect(rig.server.count(`GET ${keysPath}`)).toBe(2);
  rig.clock.now += 1;
  await refusalOf(() => rig.verifier.authenticate(bearer(forged)));
  expect(rig.server.count(`GET ${keysPath}`)).toBe(3);
});

test("R-12 twenty rotations in a row refuse no valid token", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  for (let rotation = 0; rotation < 20; rotation += 1) {
    const next = await generateKey(rotation % 2 === 0 ? "Ed25519" : "ES256");
    rig.server.keys = keySet([next]);
    const tokens = Array.from({ length: 20 }, () => issueWith(rig, next));
    const identities = await Promise.all(
      tokens.map(async (token) => rig.verifier.authenticate(bearer(token))),
    );
    expect(identities).toHaveLength(20);
  }
  // Each rotation cost one fetch, however many requests saw it first.
  expect(rig.server.count(`GET ${keysPath}`)).toBe(21);
});

test("R-12 K14 a key that was published ten minutes before is known, though forged key ids came all the time", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  const forger = await generateKey("ES256");
  const next = await generateKey("ES256");
  rig.server.keys = keySet([rig.local.key, next]);
  for (let seconds = 0; seconds < 600; seconds += 1) {
    rig.clock.now += 1;
    await refusalOf(() => rig.verifier.authenticate(bearer(issueWith(rig, forger))));
    expect(await rig.verifier.authenticate(bearer(rig.local.issue()))).toMatchObject({ subject: "user-1" });
  }
  expect(rig.verifier.authenticate(bearer(issueWith(rig, next)))).not.toBeInstanceOf(Promise);
  // One at the start, one in 30 seconds, and one more because the first of these brought a new key.
  expect(rig.server.count(`GET ${keysPath}`)).toBe(22);
});

test("R-12 a key that was published while the keys were under way is asked for once more", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  const next = await generateKey("ES256");
  const before = exportJwkSet(rig.server.keys);
  const asked = new Promise<ServerResponse>((resolve) => {
    rig.server.bend.set(keysPath, (_request, response) => resolve(response));
  });
  rig.clock.now += 301;
  void rig.verifier.authenticate(bearer(rig.local.issue()));
  const response = await asked;
  rig.server.bend.clear();
  rig.server.keys = keySet([rig.local.key, next]);
  const identities = Promise.all(
    Array.from({ length: 64 }, async () => rig.verifier.authenticate(bearer(issueWith(rig, next)))),
  );
  sendJson(response, before);
  expect(await identities).toHaveLength(64);
  expect(rig.server.count(`GET ${keysPath}`)).toBe(3);
});

test("a clock that goes back does not make the cool-down longer", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  const forged = issueWith(rig, await generateKey("ES256"));
  await refusalOf(() => rig.verifier.authenticate(bearer(forged)));
  rig.clock.now -= 3600;
  const next = await generateKey("ES256");
  rig.server.keys = keySet([next]);
  expect(await rig.verifier.authenticate(bearer(issueWith(rig, next)))).toMatchObject({ subject: "user-1" });
});

test("K15 a key that is no longer published is no longer trusted", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  const old = rig.local.issue();
  const next = await generateKey("ES256");
  rig.server.keys = keySet([next]);
  await rig.verifier.authenticate(bearer(issueWith(rig, next)));
  const refusal = await refusalOf(() => rig.verifier.authenticate(bearer(old)));
  expect(refusal.reason).toBe("unknown_key");
});

test("TV-10: asks again when max-age has passed, which counts as 60 seconds at least and a day at most", async () => {
  for (const [maxAge, kept] of [
    [0, 60],
    [120, 120],
    [undefined, 300],
    [31_536_000, 86_400],
  ] as const) {
    const { server, verifier, local, clock } = await setUpKeysAlone({ random: () => 0 });
    server.keysMaxAgeSeconds = maxAge;
    await verifier.ready();
    clock.now += kept - 1;
    void verifier.authenticate(bearer(local.issue()));
    expect(server.count(`GET ${keysPath}`)).toBe(1);
    clock.now += 1;
    // Nobody waits for it: the request that finds the keys due is judged with those at hand.
    expect(verifier.authenticate(bearer(local.issue()))).not.toBeInstanceOf(Promise);
    await expect.poll(() => server.count(`GET ${keysPath}`)).toBe(2);
  }
});

test("keys that are fetched again and are the same do not make the verifier forget its tokens", async () => {
  const { server, verifier, local, clock } = await setUpKeysAlone();
  await verifier.ready();
  const authorization = bearer(local.issue());
  const claims = async (): Promise<unknown> => (await verifier.authenticate(authorization)).claims;
  // Remembered when it comes a second time.
  await claims();
  const remembered = await claims();
  clock.now += 301;
  expect(await claims()).toBe(remembered);
  await expect.poll(() => verifier.status().keys.fetches).toBe(2);
  await expect.poll(() => verifier.status().keys.ageSeconds).toBe(0);
  expect(await claims()).toBe(remembered);
  server.keys = keySet([...server.keys.keys, await generateKey("ES256")]);
  clock.now += 301;
  await claims();
  await expect.poll(() => verifier.status().keys.count).toBe(2);
  expect(await claims()).not.toBe(remembered);
});

test("TV-10: N-10 with the issuer down for an hour every valid token is still accepted, and the status says so", async () => {
  const { server, verifier, local, clock, events } = await setUpKeysAlone();
  await verifier.ready();
  await server.stop();
  for (let minute = 0; minute < 60; minute += 1) {
    clock.now += 60;
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => verifier.status().keys.state).toBe("stale");
  expect(verifier.status().keys).toMatchObject({ count: 1, ageSeconds: 3600, lastFailure: "unreachable" });
  expect(events).toContainEqual({ type: "keys_failed", reason: "unreachable" });

  await server.start();
  clock.now += 60;
  void verifier.authenticate(bearer(local.issue()));
  await expect.poll(() => verifier.status().keys.state).toBe("fresh");
});

test("TV-10: keys that could not be renewed for more than a day are not trusted any more", async () => {
  const { server, verifier, local, clock } = await setUpKeysAlone();
  await verifier.ready();
  await server.stop();
  clock.now += 300 + 86_400;
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  await expect.poll(() => verifier.status().keys.state).toBe("stale");
  clock.now += 31;
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).code).toBe("keys_unavailable");
});

test("keys that the issuer says are unchanged (304) are fresh again, and are fetched whole once forgotten", async () => {
  const { server, verifier, local, clock } = await setUpKeysAlone();
  const asked: (string | undefined)[] = [];
  server.bend.set(keysPath, ({ headers }, response) => {
    asked.push(headers["if-none-match"]);
    response.setHeader("etag", '"1"');
    if (headers["if-none-match"] === '"1"') response.writeHead(304).end();
    else sendJson(response, exportJwkSet(server.keys));
  });
  await verifier.ready();
  clock.now += 301;
  void verifier.authenticate(bearer(local.issue()));
  await expect
    .poll(() => verifier.status().keys)
    .toMatchObject({ fetches: 2, ageSeconds: 0, state: "fresh" });

  await server.stop();
  clock.now += 90_000;
  await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  await expect.poll(() => verifier.status().keys).toMatchObject({ state: "missing", failures: 1 });
  await server.start();
  clock.now += 60;
  await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  await expect.poll(() => verifier.status().keys.state).toBe("fresh");
  expect(asked).toEqual([undefined, '"1"', undefined]);
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
});

test("while the issuer is down an unknown key is a 503, because nobody knows whose it is", async () => {
  const rig = await setUpKeysAlone();
  await rig.verifier.ready();
  await rig.server.stop();
  const token = issueWith(rig, await generateKey("ES256"));
  for (const attempt of ["the one that asks", "the one that finds it cooling down"]) {
    const refusal = await refusalOf(() => rig.verifier.authenticate(bearer(token)));
    expect([attempt, refusal.code, refusal.status]).toEqual([attempt, "keys_unavailable", 503]);
  }
});

test("TV-11: an issuer that is down at the start is a 503 with Retry-After, and is found when it comes", async () => {
  const rig = await setUpKeysAlone();
  const { server, verifier, local, clock } = rig;
  await server.stop();
  const refusal = await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  expect([refusal.code, refusal.status, refusal.headers["retry-after"]]).toEqual([
    "keys_unavailable",
    503,
    "5",
  ]);
  expect((await refusalOf(verifier.ready)).code).toBe("keys_unavailable");
  await server.start();
  clock.now += 2;
  await untilReady(rig);
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
});

test("a throwing or rejecting hook changes nothing", async () => {
  for (const onEvent of [
    (): never => {
      throw new RangeError("metrics are down");
    },
    () => Promise.reject(new RangeError("metrics are down")),
  ]) {
    const { verifier, local } = await setUpKeysAlone({ onEvent });
    await verifier.ready();
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    expect((await refusalOf(() => verifier.authenticate("Bearer x"))).code).toBe("token_invalid");
  }
});

test("nothing is let through after close", async () => {
  const { verifier, local } = await setUpKeysAlone();
  await verifier.ready();
  verifier.close();
  const refusal = await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  expect([refusal.code, refusal.reason]).toEqual(["verification_failed", "closed"]);
});
