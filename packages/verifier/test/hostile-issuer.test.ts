// What an issuer may do to the verifiers that fetch its keys, and does not get away with.
import { exportPublicJwk, generateKey } from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import type { AccessVerifier } from "@countersign/verifier";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { audience, issuerWithKey, issuerWithSecret } from "./fixtures/issuer.ts";
import { keysPath, metadataPath, sendJson } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { bearer, isAccepted, logOut, setUp, setUpKeysAlone, untilReady } from "./fixtures/rig.ts";
import type { Rig } from "./fixtures/rig.ts";

const mebibyteOfSpaces = gzipSync(Buffer.alloc(1024 * 1024, " "));

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
  "half a gigabyte, compressed": {
    failure: "too_large",
    answer: (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      // A gzip member may follow another, so a small one many times is a large one.
      response.end(Buffer.concat(Array.from({ length: 512 }, () => mebibyteOfSpaces)));
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
  "keys that are none": {
    failure: "invalid_document",
    answer: (response) => sendJson(response, { keys: [null, 1, "key", []] }),
  },
  "a thousand keys": {
    failure: "invalid_document",
    answer: (response) => sendJson(response, { keys: Array.from({ length: 1000 }, () => ({ kty: "EC" })) }),
  },
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
    const rig = await setUpKeysAlone();
    const { server, verifier, local, clock } = rig;
    server.bend.set(path, (_request, response) => answer(response, rig));
    expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).code).toBe(
      "keys_unavailable",
    );
    expect(verifier.status().keys.lastFailure).toBe(failure);

    server.bend.clear();
    clock.now += 60;
    await untilReady(rig);
    server.bend.set(keysPath, (_request, response) => answer(response, rig));
    clock.now += 3600;
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    await expect.poll(() => verifier.status().keys.state).toBe("stale");
    expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
    expect(server.requests).not.toContain("GET /elsewhere");
  });
}

test("keys of a kind that is not known here do not cost those that are (RFC 7517 §5)", async () => {
  const { server, verifier, local } = await setUpKeysAlone();
  const later = { kty: "LATTICE", alg: "LATTICE-9", kid: "later", pub: "AAAA" };
  server.bend.set(keysPath, (_request, response) =>
    sendJson(response, { keys: [later, exportPublicJwk(local.key)] }),
  );
  await verifier.ready();
  expect(verifier.authenticate(bearer(local.issue()))).toMatchObject({ subject: "user-1" });
  expect(verifier.status().keys.count).toBe(1);
});

test("TV-11: an issuer whose name nobody knows is a 503", async () => {
  // RFC 6761 §6.4: no resolver may ever find it. One that does not even say so in time is the same to us.
  const verifier = createAccessVerifier({ issuer: "https://auth.invalid", audience });
  onTestFinished(verifier.close);
  const refusal = await refusalOf(() => verifier.authenticate(bearer(issuerWithSecret().issue())));
  expect([refusal.code, refusal.status]).toEqual(["keys_unavailable", 503]);
  expect(refusal.reason).toMatch(/^(unreachable|timed_out)$/);
});

test("an issuer that takes another name loses its tokens and its feed, and nothing else changes", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.revoke(logOut("gone"));
  await rig.until({ events: 1 });
  rig.server.metadata = { issuer: "https://new.example" };
  await rig.server.stop();
  await rig.server.start();
  await rig.until({ connected: false, lastFailure: "wrong_issuer" });
  rig.clock.now += 301;
  expect(await isAccepted(rig, "here")).toBe(true);
  await expect.poll(() => rig.verifier.status().keys.lastFailure).toBe("wrong_issuer");
  const renamed = issuerWithKey(rig.local.key, { now: () => rig.clock.now, iss: "https://new.example" });
  expect((await refusalOf(() => rig.verifier.authenticate(bearer(renamed.issue())))).status).toBe(401);
  expect(await isAccepted(rig, "here")).toBe(true);
  expect(await isAccepted(rig, "gone")).toBe(false);
});

test("K12 keys that are secrets, or private, are refused from an issuer", async () => {
  const secret = issuerWithSecret();
  for (const jwk of [
    { kty: "oct", alg: "HS256", kid: "1", k: "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA" },
    { kty: "EC", crv: "P-256", alg: "ES256", kid: "2", x: "x", y: "y", d: "d" },
  ]) {
    const { server, verifier } = await setUpKeysAlone();
    server.bend.set(keysPath, (_request, response) => sendJson(response, { keys: [jwk] }));
    expect((await refusalOf(() => verifier.authenticate(bearer(secret.issue())))).code).toBe(
      "keys_unavailable",
    );
    expect(verifier.status().keys.lastFailure).toBe("invalid_document");
  }
});

test("TV-10: an issuer that does not answer is given up after 3 seconds", async () => {
  const { server, verifier, local } = await setUpKeysAlone();
  server.bend.set(metadataPath, () => undefined);
  const startedAt = performance.now();
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).reason).toBe("timed_out");
  expect(performance.now() - startedAt).toBeGreaterThan(2900);
  expect(performance.now() - startedAt).toBeLessThan(4500);
});

test("TV-10: an issuer that dribbles is given up after 3 seconds too", async () => {
  const { server, verifier, local } = await setUpKeysAlone();
  server.bend.set(metadataPath, (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 100);
    response.on("close", () => clearInterval(timer));
  });
  expect((await refusalOf(() => verifier.authenticate(bearer(local.issue())))).reason).toBe("timed_out");
});

test("K16 K17 a token of another issuer is refused and fetches nothing", async () => {
  const { server, verifier } = await setUpKeysAlone();
  await verifier.ready();
  const evil = await generateKey("ES256");
  const token = issuerWithKey(evil, { iss: "https://evil.example" }).issue();
  await refusalOf(() => verifier.authenticate(bearer(token)));
  expect(new Set(server.requests)).toEqual(new Set([`GET ${metadataPath}`, `GET ${keysPath}`]));
});

test("TV-10: an https issuer cannot lead to http, not even on this machine", async () => {
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

test("TV-10: an issuer must be https, unless it is this machine", () => {
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
