/** Recognises a public key that somebody is about to use as a secret: the oldest way to forge tokens (RFC 8725 §2.1). */
import crypto from "node:crypto";

/**
 * Whether these bytes are a key that others may know, in any form that keys are passed around in: PEM, DER, DER as
 * base64, a JWK or JWK Set, an OpenSSH line. As an HMAC secret it would let everybody sign who can read it.
 */
export function isPublicKeyText(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("latin1");
  return (
    text.includes("-----BEGIN ") ||
    isDer(buffer) ||
    isDer(Buffer.from(text, "base64")) ||
    /"kty"\s*:\s*"(?:RSA|EC|OKP|AKP)"/.test(text) ||
    /(?:ssh-|ecdsa-sha2-)\S{1,40} AAAA/.test(text)
  );
}

function isDer(bytes: Buffer): boolean {
  // A SEQUENCE: everything else is not even tried.
  if (bytes[0] !== 0x30) return false;
  for (const type of ["spki", "pkcs1"] as const) {
    try {
      crypto.createPublicKey({ key: bytes, format: "der", type });
      return true;
    } catch {
      // Not of that type.
    }
  }
  return false;
}
