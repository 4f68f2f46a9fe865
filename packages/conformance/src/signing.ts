// Signatures by algorithm name, in a few lines on node:crypto: the kit never forges with an engine that it may attack.
import { constants, createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** JWS algorithm names that the kit can sign with. */
export const ALGORITHMS: readonly string[] = [
  ...["HS", "RS", "PS", "ES"].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`)),
  "Ed25519",
  "EdDSA",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
];

const CURVES = new Map([
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
]);

export function isHmac(algorithm: string): boolean {
  return algorithm.startsWith("HS");
}

/** The algorithm's hash as node:crypto names it; only for names with a hash in them. */
export function hashOf(algorithm: string): string {
  return `sha${algorithm.slice(2)}`;
}

/** A MAC under any bytes, which is how an attacker signs. */
export function mac(algorithm: string, secret: Uint8Array | string, input: string | Uint8Array): Buffer {
  return createHmac(hashOf(algorithm), secret).update(input).digest();
}

/** Signs as the named algorithm prescribes (RFC 7518 §3, RFC 8037 §3.1, RFC 9964), whatever key it is given. */
export function signAs(algorithm: string, key: KeyObject, input: string | Uint8Array): Buffer {
  const bytes = Buffer.from(input);
  switch (algorithm.slice(0, 2)) {
    case "HS":
      return createHmac(hashOf(algorithm), key).update(bytes).digest();
    case "RS":
      return sign(hashOf(algorithm), bytes, key);
    case "PS":
      return signPss(algorithm, key, bytes, constants.RSA_PSS_SALTLEN_DIGEST);
    case "ES":
      return sign(hashOf(algorithm), bytes, { key, dsaEncoding: "ieee-p1363" });
    default:
      return sign(null, bytes, key);
  }
}

/** RSASSA-PSS with a salt of the caller's length, because RFC 7518 §3.5 allows exactly one. */
export function signPss(algorithm: string, key: KeyObject, input: Uint8Array, saltLength: number): Buffer {
  return sign(hashOf(algorithm), input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

/** A fresh private key, or secret, for the algorithm. */
export function generateSigningKey(algorithm: string): KeyObject {
  if (isHmac(algorithm)) return createSecretKey(randomBytes(64));
  if (/^[RP]S/.test(algorithm)) return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const namedCurve = CURVES.get(algorithm);
  if (namedCurve !== undefined) return generateKeyPairSync("ec", { namedCurve }).privateKey;
  switch (algorithm) {
    case "Ed25519":
    case "EdDSA":
      return generateKeyPairSync("ed25519").privateKey;
    case "ML-DSA-44":
      return generateKeyPairSync("ml-dsa-44").privateKey;
    case "ML-DSA-65":
      return generateKeyPairSync("ml-dsa-65").privateKey;
    case "ML-DSA-87":
      return generateKeyPairSync("ml-dsa-87").privateKey;
    default:
      throw new TypeError(`Unknown algorithm: ${algorithm}`);
  }
}
