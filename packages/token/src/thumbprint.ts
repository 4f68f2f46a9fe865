/** JWK thumbprints (RFC 7638; RFC 8037 §2 and RFC 9964 for the members of OKP and AKP). */
import crypto from "node:crypto";
import { type Key, materialOf } from "./keys.ts";

/** The required members of each key type, in lexicographic order. */
const requiredMembers = {
  RSA: ["e", "kty", "n"],
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  AKP: ["alg", "kty", "pub"],
} as const;

/**
 * The SHA-256 thumbprint of a key's public half, as base64url.
 *
 * @throws TypeError for a secret: its thumbprint would let anyone test guesses of it (RFC 7638 §7).
 */
export function thumbprint(key: Key): string {
  const { algorithm, verifyingKey } = materialOf(key);
  if (algorithm.kty === "oct") throw new TypeError("a secret has no public thumbprint");
  const jwk = verifyingKey.export({ format: "jwk" });
  const members = requiredMembers[algorithm.kty].map((name) => [name, jwk[name]]);
  return crypto
    .createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest("base64url");
}
