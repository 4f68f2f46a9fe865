// Keys fetched from an issuer over HTTP: discovery, sharing, cool-down, outages, rotation, hostile issuers.
import { exportJwkSet, generateKey, keySet } from "@countersign/token";
import type { Key } from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import type { AccessVerifier, AccessVerifierOptions, VerifierEvent } from "@countersign/verifier";
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { audience, issuerWithKey, issuerWithSecret } from "./fixtures/issuer.ts";
import type { LocalIssuer } from "./fixtures/issuer.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { IssuerServer, keysPath, metadataPath, sendJson } from "./fixtures/issuer-server.ts";

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
}

async function setUp(options: Partial<AccessVerifierOptions> = {}): Promise<Rig> {
  const clock = { now: start };
  const key = await generateKey("ES256");
  const server = await new IssuerServer(keySet([key])).start();
  const events: VerifierEvent[] = [];
  const now = (): number => clock.now;
  const verifier = createAccessVerifier({
    issuer: server.url,
    audience,
    revocations: null,
    now,
    onEvent: (event) => events.push(event),
    ...options,
  });
  cleanUps.push(verifier.close, () => server.stop());
  return { clock, server, local: issuerWithKey(key, { now, iss: server.url }), verifier, events };
}

function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Issues under another key of the same issuer. */
function issueWith({ clock, server }: Rig, key: Key): string {
  return issuerWithKey(key, { now: () => clock.now, iss: server.url }).issue();
}

test("finds the keys through the issuer's metadata (RFC 8414 §3)", async () => {
  const { server, verifier, local } = await setUp();
  await verifier.ready();
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  expect(server.requests).toEqual([`GET ${metadataPath}`, `GET ${keysPath}`]);
  expect(verifier.status().keys).toMatchObject({ source: "issuer", state: "fresh", count: 1, ageSeconds: 0 });
});

test("asks for the metadata of an issuer with a path where RFC 8414 §3.1 puts them", async () => {
  const { server, events } = await setUp();
  const issuer = `${server.url}/tenants/one`;
  const verifier = createAccessVerifier({ issuer, audience, revocations: null });
  await refusalOf(verifier.ready);
  verifier.close();
  expect(server.requests).toEqual([`GET ${metadataPath}/tenants/one`]);
  expect(events).toEqual([]);
});

test("nothing is asked before the first request, and then only once for many", async () => {
  const { server, verifier, local } = await setUp();
  expect(server.requests).toEqual([]);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => verifier.authenticate(bearer(local.issue()))),
  );
  expect(answers).toHaveLength(50);
  expect(server.requests).toEqual([`GET ${metadataPath}`, `GET ${keysPath}`]);
});

test("jwksUri spares the discovery", async () => {
  const { server, local, clock } = await setUp();
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
  const rig = await setUp();
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
  const rig = await setUp();
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

test("K15 a key that is no longer published is no longer trusted", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  const old = rig.local.issue();
  const next = await generateKey("ES256");
  rig.server.keys = keySet([next]);
  await rig.verifier.authenticate(bearer(issueWith(rig, next)));
  const refusal = await refusalOf(() => rig.verifier.authenticate(bearer(old)));
  expect(refusal.reason).toBe("unknown_key");
});

test("TV-10 asks again when max-age has passed, which counts as 60 seconds at least and a day at most", async () => {
  for (const [maxAge, kept] of [
    [0, 60],
    [120, 120],
    [undefined, 300],
    [31_536_000, 86_400],
  ] as const) {
    const { server, verifier, local, clock } = await setUp({ random: () => 0 });
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
  const { server, verifier, local, clock } = await setUp();
  await verifier.ready();
  const authorization = bearer(local.issue());
  const claims = async (): Promise<unknown> => (await verifier.authenticate(authorization)).claims;
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

test("TV-10 N-10 with the issuer down for an hour every valid token is still accepted, and the status says so", async () => {
  const { server, verifier, local, clock, events } = await setUp();
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

test("TV-10 keys that could not be renewed for more than a day are not trusted any more", async () => {
  const { server, verifier, local, clock } = await setUp();
  await verifier.ready();
  await server.stop();
  clock.now += 300 + 86_400;
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  await expect.poll(() => verifier.status().keys.state).toBe("stale");
  clock.now += 31;
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).code).toBe("keys_unavailable");
});

test("keys that the issuer says are unchanged (304) are fresh again, and are fetched whole once forgotten", async () => {
  const { server, verifier, local, clock } = await setUp();
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
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.server.stop();
  const token = issueWith(rig, await generateKey("ES256"));
  for (const attempt of ["the one that asks", "the one that finds it cooling down"]) {
    const refusal = await refusalOf(() => rig.verifier.authenticate(bearer(token)));
    expect([attempt, refusal.code, refusal.status]).toEqual([attempt, "keys_unavailable", 503]);
  }
});

test("TV-11 an issuer that is down at the start is a 503 with Retry-After, and is found when it comes", async () => {
  const { server, verifier, local, clock } = await setUp();
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
  await expect
    .poll(() =>
      verifier.ready().then(
        () => "ready",
        () => "not ready",
      ),
    )
    .toBe("ready");
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
});

test("a throwing or rejecting hook changes nothing", async () => {
  for (const onEvent of [
    (): never => {
      throw new RangeError("metrics are down");
    },
    () => Promise.reject(new RangeError("metrics are down")),
  ]) {
    const { verifier, local } = await setUp({ onEvent });
    await verifier.ready();
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    expect((await refusalOf(() => verifier.authenticate("Bearer x"))).code).toBe("token_invalid");
  }
});

test("nothing is let through after close", async () => {
  const { verifier, local } = await setUp();
  await verifier.ready();
  verifier.close();
  const refusal = await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  expect([refusal.code, refusal.reason]).toEqual(["verification_failed", "closed"]);
});

/** What a hostile or broken issuer may answer, and how the verifier calls it. */
const hostile: Record<
  string,
  { path?: string; failure: string; answer: (response: ServerResponse, rig: Rig) => void }
> = {
  "a redirect": {
    failure: "redirected",
    answer: (response, { server }) => response.writeHead(302, { location: `${server.url}/elsewhere` }).end(),
  },
  "a redirect of the metadata": {
    path: metadataPath,
    failure: "redirected",
    answer: (response, { server }) => response.writeHead(307, { location: server.url + metadataPath }).end(),
  },
  "64 KiB and more, of unknown length": {
    failure: "too_large",
    answer: (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (let chunk = 0; chunk < 80; chunk += 1) response.write(" ".repeat(1024));
      response.end('{"keys":[]}');
    },
  },
  "another media type": {
    failure: "wrong_content_type",
    answer: (response) => response.writeHead(200, { "content-type": "text/html" }).end("{}"),
  },
  "what is not JSON": {
    failure: "not_json",
    answer: (response) => response.writeHead(200, { "content-type": "application/json" }).end("<keys/>"),
  },
  "what is not UTF-8": {
    failure: "not_json",
    answer: (response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(Buffer.from('{"a":"\xff"}', "latin1")),
  },
  "an error": { failure: "bad_status", answer: (response) => response.writeHead(500).end() },
  "a connection that breaks": { failure: "unreachable", answer: (response) => response.destroy() },
  "no keys": { failure: "invalid_document", answer: (response) => sendJson(response, { keys: [] }) },
  null: { failure: "invalid_document", answer: (response) => sendJson(response, null) },
  "the metadata of another issuer": {
    path: metadataPath,
    failure: "wrong_issuer",
    answer: (response, { server }) =>
      sendJson(response, { issuer: "https://evil.example", jwks_uri: server.url + keysPath }),
  },
  "an issuer that differs in a slash": {
    path: metadataPath,
    failure: "wrong_issuer",
    answer: (response, { server }) =>
      sendJson(response, { issuer: `${server.url}/`, jwks_uri: server.url + keysPath }),
  },
  "metadata that are null": {
    path: metadataPath,
    failure: "wrong_issuer",
    answer: (response) => sendJson(response, null),
  },
  "metadata without keys": {
    path: metadataPath,
    failure: "invalid_document",
    answer: (response, { server }) => sendJson(response, { issuer: server.url }),
  },
  "keys at an http address that is not loopback": {
    path: metadataPath,
    failure: "insecure_url",
    answer: (response, { server }) =>
      sendJson(response, { issuer: server.url, jwks_uri: "http://127.0.0.1.evil.example/" }),
  },
  "keys in a file": {
    path: metadataPath,
    failure: "insecure_url",
    answer: (response, { server }) =>
      sendJson(response, { issuer: server.url, jwks_uri: "file:///etc/keys" }),
  },
};

for (const [what, { path = keysPath, failure, answer }] of Object.entries(hostile)) {
  test(`K18 TV-10 an issuer that answers with ${what} is not believed, and the last good keys stay`, async () => {
    const rig = await setUp();
    const { server, verifier, local, clock } = rig;
    server.bend.set(path, (_request, response) => answer(response, rig));
    expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).code).toBe(
      "keys_unavailable",
    );
    expect(verifier.status().keys.lastFailure).toBe(failure);

    server.bend.clear();
    clock.now += 60;
    await expect
      .poll(() =>
        verifier.ready().then(
          () => "ready",
          () => "not ready",
        ),
      )
      .toBe("ready");
    server.bend.set(keysPath, (_request, response) => answer(response, rig));
    clock.now += 3600;
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    await expect.poll(() => verifier.status().keys.state).toBe("stale");
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    expect(server.requests).not.toContain("GET /elsewhere");
  });
}

test("K12 keys that are secrets, or private, are refused from an issuer", async () => {
  const secret = issuerWithSecret();
  for (const jwk of [
    { kty: "oct", alg: "HS256", kid: "1", k: "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA" },
    { kty: "EC", crv: "P-256", alg: "ES256", kid: "2", x: "x", y: "y", d: "d" },
  ]) {
    const { server, verifier } = await setUp();
    server.bend.set(keysPath, (_request, response) => sendJson(response, { keys: [jwk] }));
    expect((await refusalOf(() => verifier.authenticate(bearer(secret.issue())))).code).toBe(
      "keys_unavailable",
    );
    expect(verifier.status().keys.lastFailure).toBe("invalid_document");
  }
});

test("TV-10 an issuer that does not answer is given up after 3 seconds", async () => {
  const { server, verifier, local } = await setUp();
  server.bend.set(metadataPath, () => undefined);
  const startedAt = performance.now();
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).reason).toBe("timed_out");
  expect(performance.now() - startedAt).toBeGreaterThan(2900);
  expect(performance.now() - startedAt).toBeLessThan(4500);
});

test("TV-10 an issuer that dribbles is given up after 3 seconds too", async () => {
  const { server, verifier, local } = await setUp();
  server.bend.set(metadataPath, (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 100);
    response.on("close", () => clearInterval(timer));
  });
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).reason).toBe("timed_out");
});

test("K16 K17 a token of another issuer is refused and fetches nothing", async () => {
  const { server, verifier } = await setUp();
  await verifier.ready();
  const evil = await generateKey("ES256");
  const token = issuerWithKey(evil, { iss: "https://evil.example" }).issue();
  await refusalOf(() => verifier.authenticate(bearer(token)));
  expect(new Set(server.requests)).toEqual(new Set([`GET ${metadataPath}`, `GET ${keysPath}`]));
});

test("TV-10 an https issuer cannot lead to http, not even on this machine", async () => {
  const issuer = "https://auth.example";
  const asked: string[] = [];
  const answerWith = (jwksUri: string): AccessVerifier =>
    createAccessVerifier({
      issuer,
      audience,
      revocations: null,
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(Response.json({ issuer, jwks_uri: jwksUri }));
      },
    });
  for (const jwksUri of ["http://auth.example/keys", "http://127.0.0.1/keys"]) {
    expect((await refusalOf(answerWith(jwksUri).ready)).reason).toBe("insecure_url");
  }
  expect(new Set(asked)).toEqual(new Set([issuer + metadataPath]));
});

test("TV-10 an issuer must be https, unless it is this machine", () => {
  for (const issuer of [
    "http://auth.example",
    "http://localhost.evil.example",
    "http://0.0.0.0:1",
    "ftp://127.0.0.1",
    "https://user:password@auth.example",
    "https://auth.example/?a",
    "https://auth.example/#a",
    "auth.example",
  ]) {
    expect(() => createAccessVerifier({ issuer, audience })).toThrow(TypeError);
  }
  for (const issuer of [
    "https://auth.example",
    "http://localhost:3000",
    "http://[::1]:3000",
    "http://127.9.9.9",
  ]) {
    expect(createAccessVerifier({ issuer, audience }).status().keys.state).toBe("missing");
  }
});
