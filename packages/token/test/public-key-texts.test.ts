import { generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { secretKey } from "../src/index.ts";

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
const der = publicKey.export({ type: "spki", format: "der" });
const jwk = publicKey.export({ format: "jwk" });

describe("a public key offered as a secret (RFC 8725 §2.1)", () => {
  test.each([
    ["PEM", pem],
    ["PEM after white space", `\n \t${pem}`],
    ["PEM after other text", `key:\n${pem}`],
    ["PEM with CRLF", pem.replaceAll("\n", "\r\n")],
    ["PKCS #1 PEM", publicKey.export({ type: "pkcs1", format: "pem" })],
    ["DER", der],
    ["PKCS #1 DER", publicKey.export({ type: "pkcs1", format: "der" })],
    ["DER as base64", der.toString("base64")],
    ["DER as base64, in lines", der.toString("base64").replaceAll(/.{64}/g, "$&\n")],
    ["DER as base64url", der.toString("base64url")],
    ["a JWK after other text", `key = ${JSON.stringify(jwk)};`],
    ["a JWK", JSON.stringify(jwk)],
    ["a JWK, indented", JSON.stringify(jwk, null, 2)],
    ["a JWK with white space", '{ "kty" :\n"EC", "crv": "P-256", "x": "AAAA", "y": "AAAA" }'],
    ["a JWK Set", JSON.stringify({ keys: [jwk] })],
    ["an array of JWKs", JSON.stringify([jwk])],
    [
      "an elliptic OpenSSH line after options",
      "restrict ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY",
    ],
    ["an OpenSSH line", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 somebody@example.com"],
  ])("is refused as %s", (_form, text) => {
    expect(() => secretKey("HS256", Buffer.from(text))).toThrow(TypeError);
  });

  test("is not seen in random bytes or in a long passphrase", () => {
    for (let round = 0; round < 500; round += 1) secretKey("HS256", randomBytes(32 + (round % 64)));
    secretKey("HS256", Buffer.concat([Buffer.from([0x30, 0x82]), randomBytes(62)]));
    secretKey("HS256", Buffer.from("zonal grebe tunic quartz fjord vexed myopia bulwark sphinx dwarf"));
    secretKey("HS256", Buffer.from(`{"name":"${randomBytes(32).toString("hex")}"}`));
  });
});

test("refuses the secret of a well-known example, however long it is (RFC 8725 §3.5)", () => {
  const example = Buffer.from("a-string-secret-at-least-256-bits-long");
  expect(() => secretKey("HS256", example)).toThrow(TypeError);
  secretKey("HS256", Buffer.concat([example, randomBytes(32)]));
});

/** Self-signed, P-256. */
const certificate =
  "MIIBejCCAR+gAwIBAgIUCXcGiyKOKQClHs2BZUlXus4DMzwwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjExMjYxOTQ0Mzda" +
  "Fw0zNjExMjMxOTQ0MzdaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATWRWmWOSAY6eLVp71kecNVxP0unf7K" +
  "5l38++lHaU+vyucBbcEIjU9xSrSnPiPz7WMlsOE9xxZGpDiYhYKBGk04o1MwUTAdBgNVHQ4EFgQUGfm9E7uE7sDmeTuCduXfYjw1R9QwHwYDVR0j" +
  "BBgwFoAUGfm9E7uE7sDmeTuCduXfYjw1R9QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAlU85LWAOhARW23XWNu2wlLnSV04P" +
  "xJ6ega17yAVvSggCIQCEOqbaVr88ZYRngw9zVdrd90W9ThAgqzoH5jT92BzEzg==";

describe("a public key in disguise, offered as a secret (RFC 8725 §2.1)", () => {
  test.each([
    ["a certificate", Buffer.from(certificate, "base64")],
    ["a certificate as x5c carries it", certificate],
    ["a certificate as base64 in lines", certificate.replaceAll(/.{64}/g, "$&\n")],
    ["DER as base64url", der.toString("base64url")],
    ["DER as hexadecimal", der.toString("hex")],
    ["DER as hexadecimal in groups", der.toString("hex").replaceAll(/.{4}/g, "$& ")],
    ["PEM as base64", Buffer.from(pem).toString("base64")],
    ["a JWK as base64url", Buffer.from(JSON.stringify(jwk)).toString("base64url")],
    ["an SSH2 block", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2E=\n---- END SSH2 PUBLIC KEY ----"],
    [
      "an OpenSSH line of a security key",
      "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5 me@example.com",
    ],
  ])("is refused as %s", (_form, text) => {
    expect(() => secretKey("HS256", Buffer.from(text))).toThrow("must not be used as a secret");
  });

  test("is not seen in random bytes as base64 or hexadecimal", () => {
    for (let round = 0; round < 500; round += 1) {
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        secretKey("HS256", Buffer.from(randomBytes(32 + (round % 64)).toString(encoding)));
      }
    }
    secretKey(
      "HS256",
      Buffer.from(Buffer.concat([Buffer.from([0x30, 0x82]), randomBytes(62)]).toString("base64")),
    );
  });
});
