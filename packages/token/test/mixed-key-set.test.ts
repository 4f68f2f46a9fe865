import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createSigner,
  createVerifier,
  exportJwkSet,
  exportPublicJwk,
  generateKey,
  keySet,
  type Key,
  type KeySet,
  secretKey,
} from "../src/index.ts";

const options = { type: "at+jwt", issuer: "https://issuer.example", audience: "api" } as const;
const signed = (key: Key): string => createSigner({ ...options, key, lifetimeSeconds: 60 })({ sub: "1" });

describe("a key set of secrets and public keys", () => {
  let secret: Key;
  let pair: Key;
  let mixed: KeySet;

  beforeEach(async () => {
    secret = await generateKey("HS256");
    pair = await generateKey("ES256");
    mixed = keySet([secret, pair], { allowSecretsBesidePublicKeys: true });
  });

  test("is refused unless it is asked for by its name", () => {
    expect(() => keySet([secret, pair])).toThrow(TypeError);
    expect(() => keySet([secret, pair], { allowSecretsBesidePublicKeys: false })).toThrow(TypeError);
  });

  test("is refused if a key has no kid", async () => {
    const nameless = secretKey("HS256", new Uint8Array(32).fill(7));
    expect(() => keySet([nameless, pair], { allowSecretsBesidePublicKeys: true })).toThrow(TypeError);
    expect(keySet([nameless], { allowSecretsBesidePublicKeys: true }).keys).toHaveLength(1);
  });

  test("verifies the tokens of both families", () => {
    const verify = createVerifier({ ...options, keys: mixed });
    expect(verify(signed(secret)).sub).toBe("1");
    expect(verify(signed(pair)).sub).toBe("1");
  });

  test("TV-02: takes no public key for a secret and no secret under a public key's kid (RFC 8725 §3.1)", () => {
    const verify = createVerifier({ ...options, keys: mixed });
    const publicJwk = exportPublicJwk(pair);
    const publicTexts = [JSON.stringify(publicJwk), `${publicJwk.x}${publicJwk.y}`];
    for (const text of publicTexts) {
      for (const kid of [pair.kid ?? "", secret.kid ?? ""]) {
        const [, payload] = signed(secret).split(".");
        const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "at+jwt", kid })).toString(
          "base64url",
        );
        const mac = createHmac("sha256", text).update(`${header}.${payload}`).digest("base64url");
        expect(() => verify(`${header}.${payload}.${mac}`)).toThrow(
          expect.objectContaining({ name: "TokenError" }),
        );
      }
    }
  });

  test("is never exported", () => {
    expect(() => exportJwkSet(mixed)).toThrow(TypeError);
  });
});
