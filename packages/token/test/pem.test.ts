import crypto, { type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { importKeyObject, importPem, thumbprint } from "../src/index.ts";

const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = crypto.generateKeyPairSync("ed25519");

function pem(key: KeyObject, type: "spki" | "pkcs1" | "pkcs8" | "sec1"): string {
  return String(key.export({ type, format: "pem" }));
}

describe("importing PEM", () => {
  test.each([
    ["SPKI", "RS256", pem(rsa.publicKey, "spki"), false],
    ["PKCS #1 public", "PS384", pem(rsa.publicKey, "pkcs1"), false],
    ["PKCS #8", "RS512", pem(rsa.privateKey, "pkcs8"), true],
    ["PKCS #1 private", "RS256", pem(rsa.privateKey, "pkcs1"), true],
    ["SPKI", "ES256", pem(ec.publicKey, "spki"), false],
    ["PKCS #8", "ES256", pem(ec.privateKey, "pkcs8"), true],
    ["SEC 1", "ES256", pem(ec.privateKey, "sec1"), true],
    ["SPKI", "Ed25519", pem(ed.publicKey, "spki"), false],
    ["PKCS #8", "Ed25519", pem(ed.privateKey, "pkcs8"), true],
  ] as const)("reads %s for %s", (_form, algorithm, text, canSign) => {
    expect(importPem(algorithm, text, { kid: "k" })).toMatchObject({ algorithm, kid: "k", canSign });
    expect(importPem(algorithm, `\n${text.replaceAll("\n", "\r\n")} `).kid).toBeUndefined();
  });

  test("gives the key that is in it", () => {
    expect(thumbprint(importPem("ES256", pem(ec.publicKey, "spki")))).toBe(
      thumbprint(importPem("ES256", pem(ec.privateKey, "sec1"))),
    );
  });

  test("refuses every text but one block with a key that is not encrypted", () => {
    const text = pem(ec.publicKey, "spki");
    const encrypted = String(
      ec.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
    );
    const refused = [
      "",
      "key",
      `${text}${text}`,
      `x${text}`,
      `\ufeff\0${text}`,
      `${text}x`,
      text.replace("-----END PUBLIC", "-----END PRIVATE"),
      text.replaceAll("PUBLIC KEY", "CERTIFICATE"),
      text.replaceAll("PUBLIC KEY", "EC PUBLIC KEY"),
      text.replaceAll("PUBLIC KEY", "OPENSSH PRIVATE KEY"),
      text.replace("-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----"),
      text.replace("\nM", "\n?M"),
      encrypted,
    ];
    for (const bad of refused)
      expect(() => importPem("ES256", bad), bad).toThrow("not a PEM text with one public");
    for (const bad of [undefined, Buffer.from(text), [text]]) {
      expect(() => importPem("ES256", bad as unknown as string)).toThrow("not a PEM text with one public");
    }
  });

  test("refuses a block that holds no key", () => {
    for (const label of ["PUBLIC KEY", "PRIVATE KEY"]) {
      const block = `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
      expect(() => importPem("ES256", block)).toThrow("cannot be read as a key");
    }
  });

  test("takes time linear in the length of the text", () => {
    const started = performance.now();
    expect(() => importPem("ES256", `-----BEGIN PUBLIC KEY-----\n${"A ".repeat(2_000_000)}`)).toThrow(
      TypeError,
    );
    expect(() => importPem("ES256", " ".repeat(4_000_000))).toThrow(TypeError);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("importing a KeyObject", () => {
  test("takes public, private and secret keys", () => {
    expect(importKeyObject("RS256", rsa.publicKey, { kid: "k" })).toMatchObject({ kid: "k", canSign: false });
    expect(importKeyObject("Ed25519", ed.privateKey).canSign).toBe(true);
    expect(importKeyObject("HS256", crypto.createSecretKey(crypto.randomBytes(32))).canSign).toBe(true);
  });

  test("refuses a key of another algorithm", () => {
    expect(() => importKeyObject("HS256", rsa.publicKey)).toThrow("a key for HS256 has kty oct");
    expect(() => importKeyObject("RS256", ec.publicKey)).toThrow("a key for RS256 has kty RSA");
    expect(() => importKeyObject("RS256", crypto.createSecretKey(crypto.randomBytes(32)))).toThrow(TypeError);
    const { publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-384" });
    expect(() => importKeyObject("ES256", publicKey)).toThrow("is on P-256");
  });

  test("refuses keys that have no JWK, such as those for PSS alone", () => {
    const { publicKey } = crypto.generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    expect(() => importKeyObject("PS256", publicKey)).toThrow("not a key for PS256");
  });

  test("refuses everything else", () => {
    for (const value of [undefined, null, {}, "key", { type: "public", export: () => ({}) }]) {
      expect(() => importKeyObject("ES256", value as unknown as KeyObject)).toThrow("not a KeyObject");
    }
  });
});
