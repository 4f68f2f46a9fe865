import { describe, expect, test } from "vitest";
import { generateKey, type HmacAlgorithmName, type Key, publicKey, secretKey } from "../src/index.ts";
import { materialOf } from "../src/keys.ts";
import { secretBytes } from "./fixtures.ts";

describe("a secret", () => {
  test.each([
    ["HS256", 32, 43],
    ["HS384", 48, 64],
    ["HS512", 64, 86],
  ] as const)("for %s has at least %i bytes (RFC 7518 §3.2)", (algorithm, length, characters) => {
    const key = secretKey(algorithm, secretBytes(1, length), { kid: "k" });
    expect(key).toEqual({ algorithm, kid: "k", canSign: true });
    expect(materialOf(key).sign?.("input")).toHaveLength(characters);
    expect(materialOf(key).signatureLength).toBe(characters);
    expect(() => secretKey(algorithm, secretBytes(1, length - 1))).toThrow(
      new TypeError(`a secret for ${algorithm} must have at least ${length} bytes (RFC 7518 §3.2)`),
    );
  });

  test("is of bytes, not of a text", () => {
    for (const value of ["x".repeat(64), undefined, null, Array(64).fill(1), new ArrayBuffer(64)]) {
      expect(() => secretKey("HS256", value as unknown as Uint8Array)).toThrow(
        new TypeError("a secret must be given as bytes"),
      );
    }
  });

  test("belongs to an algorithm that uses one", () => {
    for (const algorithm of ["RS256", "Ed25519", "ML-DSA-44"]) {
      expect(() => secretKey(algorithm as HmacAlgorithmName, secretBytes())).toThrow(
        new TypeError(`${algorithm} does not use a secret`),
      );
    }
    for (const algorithm of ["none", "hs256", undefined, null]) {
      expect(() => secretKey(algorithm as HmacAlgorithmName, secretBytes())).toThrow(
        new TypeError("unknown signature algorithm"),
      );
    }
  });

  test("is copied", () => {
    const bytes = secretBytes(1);
    const key = secretKey("HS256", bytes);
    const { sign } = materialOf(key);
    const before = sign?.("input");
    bytes.fill(2);
    expect(sign?.("input")).toBe(before);
  });

  test("that everybody knows is refused as what it is (RFC 8725 §2.1, §3.5)", () => {
    for (const example of [
      "a-string-secret-at-least-256-bits-long",
      "a-valid-string-secret-that-is-at-least-384-bits-long-for-hs384",
      "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    ]) {
      expect(() => secretKey("HS256", Buffer.from(example))).toThrow(
        new TypeError("this secret is a published example (RFC 8725 §3.5)"),
      );
    }
    expect(() => secretKey("HS256", Buffer.from(`-----BEGIN PUBLIC KEY-----${"A".repeat(40)}`))).toThrow(
      new TypeError("a public key must not be used as a secret (RFC 8725 §2.1)"),
    );
  });

  test("verifies its own MACs, and no other text for them", () => {
    const { sign, verify } = materialOf(secretKey("HS256", secretBytes()));
    const mac = sign?.("input") ?? "";
    expect(verify(`input.${mac}`, 5)).toBe(true);
    for (const other of [
      "",
      mac.slice(0, -1),
      mac.slice(1),
      `${mac}A`,
      `${mac}=`,
      `A${mac}`,
      "A".repeat(mac.length),
      // As latin1, which takes the low byte of a character, it would be the MAC itself.
      String.fromCharCode(mac.charCodeAt(0) + 256) + mac.slice(1),
    ]) {
      expect(verify(`input.${other}`, 5), other).toBe(false);
    }
    expect(verify(`inpuT.${mac}`, 5)).toBe(false);
  });

  test("neither signs nor verifies a text that is not ASCII, which no token has", () => {
    const { sign, verify } = materialOf(secretKey("HS256", secretBytes()));
    expect(() => sign?.("é")).toThrow(new TypeError("only ASCII texts can be signed"));
    expect(verify(`é.${sign?.("i")}`, 1)).toBe(false);
    expect(verify(`i.${sign?.("i")}é`, 1)).toBe(false);
  });
});

describe("a kid", () => {
  test("is a well-formed string, where there is one; an empty one is a name like any other", () => {
    for (const kid of [7, null, {}, "\ud800"]) {
      expect(() => secretKey("HS256", secretBytes(), { kid: kid as string }), JSON.stringify(kid)).toThrow(
        new TypeError("kid must be a well-formed string (RFC 7517 §4.5)"),
      );
    }
    expect(secretKey("HS256", secretBytes(), { kid: "\ud83d\udc4b" }).kid).toBe("\ud83d\udc4b");
    expect(secretKey("HS256", secretBytes(), { kid: "" }).kid).toBe("");
    expect(secretKey("HS256", secretBytes()).kid).toBeUndefined();
    expect(secretKey("HS256", secretBytes(), {}).kid).toBeUndefined();
  });
});

describe("a key", () => {
  test("is frozen, and so is what it is made of", () => {
    const key = secretKey("HS256", secretBytes());
    expect(Object.isFrozen(key)).toBe(true);
    expect(Object.isFrozen(materialOf(key))).toBe(true);
  });

  test("is made by this package alone: a copy is none", () => {
    const key = secretKey("HS256", secretBytes());
    for (const other of [{ ...key }, structuredClone(key), Object.create(key) as Key]) {
      expect(() => publicKey(other)).toThrow(new TypeError("not a key made by this package"));
    }
  });

  test("shows nothing of its material", () => {
    expect(JSON.stringify(secretKey("HS256", secretBytes(), { kid: "k" }))).toBe(
      '{"algorithm":"HS256","kid":"k","canSign":true}',
    );
  });
});

describe("the public half of a key", () => {
  test.each([
    ["RS256", 342],
    ["PS384", 342],
    ["ES256", 86],
    ["ES384", 128],
    ["ES512", 176],
    ["Ed25519", 86],
    ["ML-DSA-44", 3227],
    ["ML-DSA-65", 4412],
    ["ML-DSA-87", 6170],
  ] as const)("for %s verifies what the key has signed in %i characters", async (algorithm, characters) => {
    const key = await generateKey(algorithm, { kid: "k" });
    const half = publicKey(key);
    expect(half).toEqual({ algorithm, kid: "k", canSign: false });
    expect(materialOf(half).sign).toBeUndefined();
    expect(materialOf(half).signingKey).toBeUndefined();
    const signature = materialOf(key).sign?.("input") ?? "";
    expect(signature).toHaveLength(characters);
    for (const { verify, signatureLength } of [materialOf(half), materialOf(key)]) {
      expect(signatureLength).toBe(characters);
      expect(verify(`input.${signature}`, 5)).toBe(true);
      expect(verify(`inPut.${signature}`, 5)).toBe(false);
      expect(verify(`input.${signature}A`, 5)).toBe(false);
      expect(verify(`input.${signature.slice(0, -1)}`, 5)).toBe(false);
      expect(verify(`input.${signature.slice(0, -4)}`, 5)).toBe(false);
    }
  });

  test("verifies no text that is not ASCII, which no token has", async () => {
    const { sign, verify } = materialOf(await generateKey("Ed25519"));
    expect(verify(`é.${sign?.("é")}`, 1)).toBe(false);
    expect(verify(`é.${sign?.("é")}`, 2)).toBe(false);
  });

  test("of a public key is that key", async () => {
    const half = publicKey(await generateKey("Ed25519"));
    expect(publicKey(half)).toBe(half);
  });

  test("of a secret is not there", () => {
    expect(() => publicKey(secretKey("HS256", secretBytes()))).toThrow(
      new TypeError("a secret has no public half"),
    );
  });
});
