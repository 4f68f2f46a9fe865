// The whole attack kit: against the verifier as a function, and over HTTP against every framework adapter.
import { attack, attackUrl, makeKeys } from "@countersign/conformance";
import type { AttackKeys, AttackReport } from "@countersign/conformance";
import { exportPublicJwk, generateKey, importJwk, keySet, secretKey } from "@countersign/token";
import type { Jwk, Key } from "@countersign/token";
import { randomBytes, randomUUID } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createAccessVerifier } from "../src/index.ts";
import type { AccessVerifier } from "../src/index.ts";
import { frameworks } from "./fixtures/apps.ts";
import { audience, issuer, issuerWithKey } from "./fixtures/issuer.ts";

function verifierFor(key: Key, trust: { issuer: string; audience: string }): AccessVerifier {
  const { issuer, audience } = trust;
  return createAccessVerifier({
    issuer,
    audience,
    keys: keySet([key]),
    revocations: null,
    clockToleranceSeconds: 0,
  });
}

/** Says which attacks worked and which honest tokens were refused, instead of how many. */
function expectToHold({ results, letIn, turnedAway }: AttackReport, atLeast: number): void {
  expect({ letIn, turnedAway }).toEqual({ letIn: [], turnedAway: [] });
  expect(results.filter(({ remark }) => remark !== undefined)).toEqual([]);
  expect(results.length).toBeGreaterThan(atLeast);
}

function keyOf({ setup: { algorithm, secret, kid, publicJwk } }: AttackKeys): Key {
  return algorithm === "HS256"
    ? secretKey("HS256", secret as Uint8Array, { kid })
    : importJwk(publicJwk as Jwk);
}

// Side by side, because some attacks wait for the clock.
test.concurrent.each(["HS256", "RS256", "PS256", "ES256", "Ed25519"])(
  "no attack on %s gets past the verifier, and no honest token is refused",
  async (algorithm) => {
    const keys = makeKeys(algorithm, { claims: { jti: randomUUID() } });
    const verifier = verifierFor(keyOf(keys), keys.setup);
    // What is no string is handed over as it is: callers without types do that too. Spaces before a token belong to the
    // header line, which may have any number of them (RFC 6750 §2.1), so they are shown to the reader of the token as tabs.
    const credentials = (token: string): string =>
      typeof token === "string" ? `Bearer ${token.replace(/^ +/, "\t")}` : token;
    const report = await attack((token) => verifier.authenticate(credentials(token)), keys);
    expectToHold(report, 200);
  },
);

describe.concurrent.each(Object.entries(frameworks))("%s", (_name, startApp) => {
  test("no attack over HTTP gets in where tokens are signed with a shared secret", async () => {
    const secret = randomBytes(32);
    const key = secretKey("HS256", secret, { kid: "key-1" });
    const app = await startApp(verifierFor(key, { issuer, audience }));
    try {
      const report = await attackUrl({
        url: `http://127.0.0.1:${app.port}/required`,
        token: issuerWithKey(key).issue(),
        secret,
        requestsPerSecond: Infinity,
      });
      expectToHold(report, 200);
    } finally {
      await app.close();
    }
  });

  test("no attack over HTTP gets in where the keys are public", async () => {
    const key = await generateKey("ES256");
    const app = await startApp(verifierFor(key, { issuer, audience }));
    try {
      const report = await attackUrl({
        url: `http://127.0.0.1:${app.port}/required`,
        token: issuerWithKey(key).issue(),
        jwks: [exportPublicJwk(key) as JsonWebKey],
        requestsPerSecond: Infinity,
      });
      expectToHold(report, 100);
    } finally {
      await app.close();
    }
  });
});
