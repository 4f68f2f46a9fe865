import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { exportPublicJwk, generateKey, publicKey, secretKey, thumbprint } from "../src/index.ts";
import { secretBytes } from "./fixtures.ts";

describe("a thumbprint (RFC 7638)", () => {
  test.each([
    ["RS256", ["e", "kty", "n"]],
    ["ES384", ["crv", "kty", "x", "y"]],
    ["Ed25519", ["crv", "kty", "x"]],
    ["ML-DSA-44", ["alg", "kty", "pub"]],
  ] as const)("of a key for %s is of its members %j", async (algorithm, members) => {
    const key = await generateKey(algorithm, { kid: "not the thumbprint" });
    const jwk: Record<string, unknown> = { ...exportPublicJwk(key) };
    const text = `{${members.map((name) => `"${name}":"${String(jwk[name])}"`).join(",")}}`;
    const expected = crypto.createHash("sha256").update(text).digest("base64url");
    expect(thumbprint(key)).toBe(expected);
    expect(thumbprint(publicKey(key))).toBe(expected);
  });

  test("of a secret is refused (RFC 7638 §7)", () => {
    expect(() => thumbprint(secretKey("HS256", secretBytes()))).toThrow("a secret has no public thumbprint");
  });
});
