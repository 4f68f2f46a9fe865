/** What becomes of the keys that people pass, beyond what both libraries do alike. */
import crypto from "node:crypto";
import ours from "@countersign/token/jsonwebtoken";
import { describe, expect, test } from "vitest";
import { engineKey } from "../../src/jsonwebtoken/engine-keys.ts";
import { readKey } from "../../src/jsonwebtoken/key-material.ts";
import { ed448, now, p256, privatePem, publicPem, rsa, secret, secretObject } from "./side-by-side.ts";

describe("a key that is passed as a text", () => {
  test("is read once", () => {
    const text = crypto.randomBytes(40).toString("base64url");
    const key = readKey(text, "secretOrPublicKey");
    expect(key.export()).toEqual(Buffer.from(text));
    expect(readKey(text, "secretOrPublicKey")).toBe(key);
  });

  test("is another key for another purpose", () => {
    const pem = privatePem(rsa);
    expect(readKey(pem, "secretOrPrivateKey").type).toBe("private");
    expect(readKey(pem, "secretOrPublicKey").type).toBe("public");
  });

  test("is forgotten when 32 newer ones have been read", () => {
    const text = crypto.randomBytes(40).toString("base64url");
    const key = readKey(text, "secretOrPrivateKey");
    const others = Array.from({ length: 32 }, (_, number) => `${secret} ${number}`);
    for (const other of others.slice(1)) readKey(other, "secretOrPrivateKey");
    expect(readKey(text, "secretOrPrivateKey")).toBe(key);
    for (const other of others) readKey(other, "secretOrPrivateKey");
    expect(readKey(text, "secretOrPrivateKey")).not.toBe(key);
  });
});

describe("a key that is passed in another way", () => {
  test("is taken as it is, if it is a KeyObject", () => {
    expect(readKey(secretObject, "secretOrPublicKey")).toBe(secretObject);
    expect(readKey(rsa.privateKey, "secretOrPrivateKey")).toBe(rsa.privateKey);
  });

  test("is read from bytes each time: a copy is made, and bytes may change", () => {
    const bytes = new Uint8Array(40).fill(7);
    const key = readKey(bytes, "secretOrPrivateKey");
    bytes.fill(8);
    expect(key.export()).toEqual(Buffer.alloc(40, 7));
    expect(readKey(bytes, "secretOrPrivateKey").export()).toEqual(Buffer.alloc(40, 8));
    expect(readKey(Buffer.from(publicPem(rsa)), "secretOrPublicKey").type).toBe("public");
  });

  test("is said to be no key material, or a public key where it cannot sign", () => {
    const damaged = privatePem(rsa).replace("-----END PRIVATE KEY-----", "");
    for (const [key, message] of [
      [damaged, "secretOrPrivateKey is not valid key material"],
      [{ key: damaged }, "secretOrPrivateKey is not valid key material"],
      [{ key: publicPem(rsa) }, "secretOrPrivateKey is not valid key material"],
      [publicPem(rsa), "secretOrPrivateKey must not be a public key"],
      [Buffer.from(publicPem(rsa)), "secretOrPrivateKey must not be a public key"],
    ] as const) {
      expect(() => ours.sign({ iat: now }, key as string, { algorithm: "RS256" })).toThrow(message);
    }
    const publicDamaged = publicPem(rsa).replace("-----END PUBLIC KEY-----", "");
    expect(() => readKey(publicDamaged, "secretOrPublicKey")).toThrow(
      "secretOrPublicKey is not valid key material",
    );
  });
});

test("a kind of key that is not known has no algorithm of its own", () => {
  const signed = ours.sign({ iat: now }, rsa.privateKey, { algorithm: "RS256" });
  expect(() => ours.verify(signed, ed448.publicKey)).toThrow("invalid algorithm");
});

describe("a key of the engine", () => {
  const use = { algorithm: "RS256", role: "secretOrPrivateKey", allowInsecureKeySizes: false } as const;

  test("is prepared once for each use of a KeyObject", () => {
    const key = engineKey(rsa.privateKey, use);
    expect(key).toMatchObject({ algorithm: "RS256", canSign: true });
    expect(engineKey(rsa.privateKey, use)).toBe(key);
    const other = engineKey(rsa.privateKey, { ...use, algorithm: "PS256" });
    expect(other.algorithm).toBe("PS256");
    expect(engineKey(rsa.privateKey, use)).toBe(key);
    expect(engineKey(rsa.privateKey, { ...use, algorithm: "PS256" })).toBe(other);
  });

  test("that insecure sizes allowed is not there for those who do not allow them", () => {
    const short = crypto.createSecretKey(Buffer.from("short"));
    const insecure = { algorithm: "HS256", role: "secretOrPublicKey", allowInsecureKeySizes: true } as const;
    expect(engineKey(short, insecure).algorithm).toBe("HS256");
    expect(() => engineKey(short, { ...insecure, allowInsecureKeySizes: false })).toThrow(
      "secretOrPublicKey has a minimum key size of 256 bits for HS256",
    );
  });

  test("that is not sound says why it is not", () => {
    const published = crypto.createSecretKey(Buffer.from("a-string-secret-at-least-256-bits-long"));
    expect(() =>
      engineKey(published, { algorithm: "HS256", role: "secretOrPublicKey", allowInsecureKeySizes: false }),
    ).toThrow(
      expect.objectContaining({
        name: "JsonWebTokenError",
        message: "secretOrPublicKey is not a sound key for HS256",
        inner: new TypeError("this secret is a published example (RFC 8725 §3.5)"),
      }),
    );
  });

  test("has an algorithm of this package, also where somebody asks for another", () => {
    const signed = ours.sign({ iat: now }, p256.privateKey, { algorithm: "ES256" });
    const [, payload, signature] = signed.split(".");
    const header = Buffer.from('{"alg":"ES256K"}').toString("base64url");
    expect(() =>
      ours.verify(`${header}.${payload}.${signature}`, p256.publicKey, { algorithms: ["ES256K" as "ES256"] }),
    ).toThrow("invalid algorithm");
  });
});
