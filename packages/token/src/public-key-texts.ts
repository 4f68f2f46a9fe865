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
    (/^[A-Za-z0-9+/=_\s-]+$/.test(text) && isPublicKey(Buffer.from(text, "base64"))) ||
    (/^[0-9A-Fa-f\s]+$/.test(text) && isPublicKey(Buffer.from(text.replaceAll(/\s/g, ""), "hex")))
  );
}

function isPublicKey(bytes: Buffer): boolean {
  const text = bytes.toString("latin1").trim();
  return (
    text.includes("---- BEGIN ") ||
    text.includes("-----BEGIN ") ||
    isDer(bytes) ||
    isCertificate(bytes) ||
    (/^[[{][^]*[\]}]$/.test(text) && /"kty"\s*:\s*"(?:RSA|EC|OKP|AKP)"/.test(text)) ||
    /^(?:ssh-|ecdsa-sha2-|sk-)\S+ AAAA/.test(text)
  );
}

/** X.509, whose base64 stands in the header `x5c`. */
function isCertificate(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false;
  try {
    return new crypto.X509Certificate(bytes).raw.length > 0;
  } catch {
    return false;
  }
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
