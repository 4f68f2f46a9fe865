import { exportPrivateJwk, exportPublicJwk, generateKey } from "@countersign/token";
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readKeys } from "../../src/token/keys.ts";
import { warningsOf, warningsOfSecret } from "../../src/token/warnings.ts";

describe("reading keys", () => {
  test("takes a public key as PEM, of every kind that signs tokens", async () => {
    const kinds = [
      { pair: generateKeyPairSync("ec", { namedCurve: "P-256" }), algorithm: "ES256" },
      { pair: generateKeyPairSync("ed25519"), algorithm: "Ed25519" },
      { pair: generateKeyPairSync("rsa", { modulusLength: 2048 }), algorithm: "RS256" },
    ];
    for (const { pair, algorithm } of kinds) {
      const reading = await readKeys(
        "pem",
        pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
      );
      expect("keys" in reading && reading.keys[0]?.algorithms).toContain(algorithm);
    }
  });

  test("says why a text is no key", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await readKeys("pem", pem)).toEqual({ problem: "private_pem" });
    expect(await readKeys("pem", "-----BEGIN CERTIFICATE-----")).toEqual({ problem: "certificate" });
    expect(await readKeys("pem", "nothing of the kind")).toEqual({ problem: "unusable" });
    expect(await readKeys("jwk", "{")).toEqual({ problem: "no_json" });
    expect(await readKeys("jwks", '{"keys":[{"kty":"EC","crv":"P-256"}]}')).toEqual({ problem: "unusable" });
    expect(await readKeys("jwk", "null")).toEqual({ problem: "unusable" });
    expect(await readKeys("secret", "")).toEqual({ problem: "empty" });
  });

  test("notices a private key, and a key in a set that is of no use does not spoil the others", async () => {
    const key = await generateKey("ES256");
    const reading = await readKeys(
      "jwks",
      JSON.stringify({ keys: [exportPublicJwk(key), { kty: "new" }, null] }),
    );
    expect(reading).toMatchObject({
      holdsPrivateKey: false,
      keys: [{ kid: key.kid, algorithms: ["ES256"] }],
    });
    expect(await readKeys("jwk", JSON.stringify(exportPrivateJwk(key)))).toMatchObject({
      holdsPrivateKey: true,
    });
  });
});

describe("warnings", () => {
  const now = 1_800_000_000;

  test("name what is dangerous in a token", () => {
    expect(warningsOf({ alg: "none" }, { exp: now + 60 }, now)).toEqual([{ kind: "none" }]);
    expect(warningsOf({ alg: "HS256" }, {}, now)).toEqual([{ kind: "no_expiry" }]);
    expect(warningsOf({}, { iat: now, exp: now + 30 * 86_400 }, now)).toEqual([
      { kind: "long_life", days: 30 },
    ]);
    expect(warningsOf({}, { exp: now + 600, login: "ada@example.com", given_name: "Ada" }, now)).toEqual([
      { kind: "personal", claim: "login" },
      { kind: "personal", claim: "given_name" },
    ]);
    expect(warningsOf({ alg: "ES256" }, { exp: now + 600, sub: "an-account" }, now)).toEqual([]);
  });

  test("name what is weak in a secret, and let a random one be", () => {
    expect(warningsOfSecret("secret")).toEqual([{ kind: "secret_short", bytes: 6 }]);
    expect(warningsOfSecret("your-256-bit-secret")).toEqual([{ kind: "secret_published" }]);
    expect(warningsOfSecret(`only-for-this-${"0".repeat(20)}`)).toEqual([{ kind: "secret_repetitive" }]);
    expect(warningsOfSecret("my-very-long-and-quite-good-password!")).toEqual([{ kind: "secret_guessable" }]);
    expect(warningsOfSecret("qk3X0vJ8cZr1Lw7TnBf5hGy2MdPa9SuEoVi6KjRl4Ct")).toEqual([]);
    expect(warningsOfSecret("")).toEqual([]);
  });
});
