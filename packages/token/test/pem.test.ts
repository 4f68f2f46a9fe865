import crypto, { type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { importKeyObject, importPem, thumbprint } from "../src/index.ts";

const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = crypto.generateKeyPairSync("ed25519");

function pem(key: KeyObject, type: "spki" | "pkcs1" | "pkcs8" | "sec1"): string {
  return String(key.export({ type, format: "pem" }));
}

/** Self-signed, P-256. */
const certificateBody =
  "MIIBejCCAR+gAwIBAgIUCXcGiyKOKQClHs2BZUlXus4DMzwwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjExMjYxOTQ0Mzda" +
  "Fw0zNjExMjMxOTQ0MzdaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATWRWmWOSAY6eLVp71kecNVxP0unf7K" +
  "5l38++lHaU+vyucBbcEIjU9xSrSnPiPz7WMlsOE9xxZGpDiYhYKBGk04o1MwUTAdBgNVHQ4EFgQUGfm9E7uE7sDmeTuCduXfYjw1R9QwHwYDVR0j" +
  "BBgwFoAUGfm9E7uE7sDmeTuCduXfYjw1R9QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAlU85LWAOhARW23XWNu2wlLnSV04P" +
  "xJ6ega17yAVvSggCIQCEOqbaVr88ZYRngw9zVdrd90W9ThAgqzoH5jT92BzEzg==";
const certificate = `-----BEGIN CERTIFICATE-----\n${certificateBody}\n-----END CERTIFICATE-----\n`;

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

  test("reads what openssl ecparam -genkey writes, and text before a block", () => {
    const text = pem(ec.privateKey, "sec1");
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    for (const whole of [parameters + text, `Bag Attributes\n    localKeyID: 01\n${text}`, `\ufeff${text}`]) {
      expect(importPem("ES256", whole).canSign, whole).toBe(true);
      expect(importPem("ES256", whole.replaceAll("\n", "\r\n")).canSign, whole).toBe(true);
    }
  });

  test("reads the public key of a certificate, and nothing else of it", () => {
    const key = importPem("ES256", `subject=CN = example\n${certificate}`);
    expect(key.canSign).toBe(false);
    expect(key.algorithm).toBe("ES256");
    expect(() => importPem("RS256", certificate)).toThrow("a key for RS256 has kty RSA");
  });

  test("refuses every text but one block with a key that is not encrypted, and says why", () => {
    const text = pem(ec.publicKey, "spki");
    const encrypted = { cipher: "aes-256-cbc", passphrase: "x", format: "pem" } as const;
    const refused: [text: unknown, reason: string][] = [
      ["", "no line begins a block"],
      ["key", "no line begins a block"],
      [`x${text}`, "no line begins a block"],
      [`\ufeff\0${text}`, "no line begins a block"],
      [undefined, "it is no string"],
      [Buffer.from(text), "it is no string"],
      [[text], "it is no string"],
      [`${text}${text}`, "there are several blocks (PUBLIC KEY, PUBLIC KEY)"],
      [`${text}x`, "something stands behind the block"],
      [text.replace("-----END PUBLIC", "-----END PRIVATE"), 'the block "PUBLIC KEY" does not end'],
      [text.replaceAll("PUBLIC KEY", "EC PUBLIC KEY"), 'a block "EC PUBLIC KEY" holds no key'],
      [text.replaceAll("PUBLIC KEY", "EC PARAMETERS"), "no line begins a block"],
      [text.replaceAll("PUBLIC KEY", "OPENSSH PRIVATE KEY"), "this is OpenSSH's own form"],
      [text.replaceAll("PUBLIC KEY", "CERTIFICATE REQUEST"), "this is a request for a certificate"],
      [text.replace("-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----"), "no line begins a block"],
      [text.replace("\nM", "\n?M"), "holds characters that are not base64"],
      [ec.privateKey.export({ type: "pkcs8", ...encrypted }), "the key is encrypted: decrypt it first"],
      [ec.privateKey.export({ type: "sec1", ...encrypted }), "the key is encrypted: decrypt it first"],
    ];
    for (const [bad, reason] of refused) {
      const read = () => importPem("ES256", bad as string);
      expect(read, String(bad)).toThrow(
        "not a PEM text with one public or private key that is not encrypted: ",
      );
      expect(read, String(bad)).toThrow(reason);
    }
  });

  test("refuses a block that holds no key", () => {
    for (const label of ["PUBLIC KEY", "PRIVATE KEY", "CERTIFICATE"]) {
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
