/** Recognises a public key that somebody is about to use as a secret: the oldest way to forge tokens (RFC 8725 §2.1). */
import crypto from "node:crypto";

/**
 * Whether these bytes are a key that others may know, in any form that keys are passed around in: PEM, DER, a certificate,
 * a JWK or JWK Set, an OpenSSH line, or one of those as base64 or hexadecimal text. As an HMAC secret it would let
 * everybody sign who can read it.
 */
export function isPublicKeyText(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("latin1");
  return (
    isPublicKey(buffer) ||
    isPublicKey(Buffer.from(text, "base64")) ||
    isPublicKey(Buffer.from(text.replaceAll(/\s/g, ""), "hex"))
  );
}

function isPublicKey(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return (
    text.includes("-----BEGIN ") ||
    text.includes("---- BEGIN ") ||
    isDer(bytes) ||
    /"kty"\s*:\s*"(?:RSA|EC|OKP|AKP)"/.test(text) ||
    /(?:ssh-|ecdsa-sha2-)\S{1,40} AAAA/.test(text)
  );
}

/** What holds a public key in DER: the key itself in one of two forms, or a certificate, whose base64 stands in `x5c`. */
const readers: readonly ((der: Buffer) => unknown)[] = [
  (key) => crypto.createPublicKey({ key, format: "der", type: "spki" }),
  (key) => crypto.createPublicKey({ key, format: "der", type: "pkcs1" }),
  (certificate) => new crypto.X509Certificate(certificate),
];

function isDer(bytes: Buffer): boolean {
  // A SEQUENCE: everything else is not even tried.
  if (bytes[0] !== 0x30) return false;
  for (const read of readers) {
    try {
      read(bytes);
      return true;
    } catch {
      // Not of that form.
    }
  }
  return false;
}
