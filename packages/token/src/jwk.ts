/** JSON Web Keys in and out (RFC 7517, RFC 7518 §6, RFC 8037 §2, RFC 9964). */
import crypto, { type JsonWebKey, type KeyObject } from "node:crypto";
import {
  type Algorithm,
  type AlgorithmName,
  type AsymmetricAlgorithm,
  requireAlgorithm,
} from "./algorithms.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { assertSoundPoint } from "./edwards-point.ts";
import { asymmetricKey, type Key, materialOf, secretKey } from "./keys.ts";
import { assertPrivateNumbers, assertSoundModulus } from "./rsa-modulus.ts";

/** The public members of a JSON Web Key for signatures. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly pub?: string | undefined;
}

/** A JSON Web Key, with the private members it may have. */
export interface Jwk extends PublicJwk {
  readonly k?: string | undefined;
  readonly d?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly priv?: string | undefined;
}

type Member = "k" | "n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi" | "crv" | "x" | "y" | "pub" | "priv";

/** The members that hold each type of key: those of the public key (or the secret), and those of the private key. */
const membersOf: Record<
  Algorithm["kty"],
  { readonly verifying: readonly Member[]; readonly signing: readonly Member[] }
> = {
  oct: { verifying: ["k"], signing: [] },
  RSA: { verifying: ["n", "e"], signing: ["d", "p", "q", "dp", "dq", "qi"] },
  EC: { verifying: ["crv", "x", "y"], signing: ["d"] },
  OKP: { verifying: ["crv", "x"], signing: ["d"] },
  AKP: { verifying: ["pub"], signing: ["priv"] },
};

const secretMembers: readonly Member[] = ["k", "d", "p", "q", "dp", "dq", "qi", "priv"];
const allMembers: readonly Member[] = [...secretMembers, "n", "e", "crv", "x", "y", "pub"];

/** A copy of what this package reads of a JWK, each member read once, so that no getter can answer twice. */
type JwkSnapshot = ReadonlyMap<string, unknown>;

export function snapshotJwk(jwk: unknown): JwkSnapshot {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk))
    throw new TypeError("a JWK is an object");
  const source = jwk as Record<string, unknown>;
  const snapshot = new Map<string, unknown>();
  for (const name of ["kty", "alg", "use", "key_ops", "kid", "oth", ...allMembers]) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value !== undefined) snapshot.set(name, Array.isArray(value) ? [...value] : value);
  }
  if (snapshot.get("kty") === "RSA" && snapshot.has("n") && !holdsSecret(snapshot)) {
    snapshot.set("n", withoutSignOctet(snapshot.get("n")));
  }
  return snapshot;
}

/**
 * A public modulus without the zero octet that some libraries put before it, so that its first bit is no sign. RFC 7518 §6.3.1.1
 * knows them and asks writers to omit it; readers gain nothing by refusing it.
 */
function withoutSignOctet(n: unknown): unknown {
  const decoded = typeof n === "string" ? decodeBase64url(n) : undefined;
  return decoded?.[0] === 0 && decoded[1]! >= 0x80 ? encodeBase64url(decoded.subarray(1)) : n;
}

/** Whether a JWK holds anything that must not be published. */
export function holdsSecret(jwk: JwkSnapshot): boolean {
  return secretMembers.some((name) => jwk.has(name));
}

/**
 * A key from a JSON Web Key; a public, a private or a symmetric one.
 *
 * The algorithm is the JWK's `alg` or, where it has none, the one the caller names; where both are there they must
 * agree. It is never guessed from the rest. `use` and `key_ops`, where they are there, must allow it.
 *
 * @throws TypeError if the JWK is not a sound key of that algorithm: a wrong type or curve, a point off the curve, a
 *   member missing, not canonical base64url or too much, a private key that does not fit its public key, a secret
 *   shorter than the hash, an RSA modulus or exponent that is not fit for use (RFC 7518 §3.2–§3.5, §6).
 */
export function importJwk(jwk: Jwk, options: { algorithm?: AlgorithmName | undefined } = {}): Key {
  return importSnapshot(snapshotJwk(jwk), options.algorithm);
}

export function importSnapshot(jwk: JwkSnapshot, algorithmName: AlgorithmName | undefined): Key {
  const algorithm = algorithmOf(jwk, algorithmName);
  if (jwk.get("kty") !== algorithm.kty)
    throw new TypeError(`a key for ${algorithm.name} has kty ${algorithm.kty}`);
  const kid = jwk.get("kid");
  if (kid !== undefined && typeof kid !== "string")
    throw new TypeError("the kid of a JWK is a string (RFC 7517 §4.5)");
  const { verifying, signing } = membersOf[algorithm.kty];
  const isPrivate = signing.some((name) => jwk.has(name));
  assertMembers(jwk, isPrivate ? [...verifying, ...signing] : verifying);
  assertIntendedUse(jwk, isPrivate ? "sign" : "verify");
  if (algorithm.kty === "oct") return secretKey(algorithm.name, bytesOf(jwk, "k"), { kid });
  assertEncoding(jwk, algorithm);
  const publicKey = keyObject(jwk, algorithm, verifying, crypto.createPublicKey);
  if (!isPrivate) return asymmetricKey(algorithm, publicKey, kid);
  const key = asymmetricKey(
    algorithm,
    keyObject(jwk, algorithm, [...verifying, ...signing], crypto.createPrivateKey),
    kid,
  );
  assertPair(key, asymmetricKey(algorithm, publicKey, kid));
  return key;
}

function algorithmOf(jwk: JwkSnapshot, named: AlgorithmName | undefined): Algorithm {
  // RFC 9864 §4.1.2: "EdDSA" is the old name; with this package it can only mean Ed25519.
  const own = jwk.get("alg") === "EdDSA" ? "Ed25519" : jwk.get("alg");
  if (own === undefined && named === undefined) throw new TypeError("the JWK has no alg: name the algorithm");
  if (own !== undefined && named !== undefined && own !== named)
    throw new TypeError("the JWK is for another algorithm");
  if (own === undefined && jwk.get("kty") === "AKP") throw new TypeError("an AKP key has an alg (RFC 9964)");
  return requireAlgorithm(own ?? named);
}

function assertMembers(jwk: JwkSnapshot, expected: readonly Member[]): void {
  for (const name of expected) {
    if (typeof jwk.get(name) !== "string") throw new TypeError(`the JWK lacks the member ${name}`);
  }
  if (jwk.has("oth")) throw new TypeError("RSA keys with more than two primes are not supported");
  const foreign = allMembers.find((name) => jwk.has(name) && !expected.includes(name));
  if (foreign !== undefined)
    throw new TypeError(`the JWK has a member ${foreign} that belongs to another type of key`);
}

/** RFC 7517 §4.2, §4.3: what a key is meant for, where it says so. */
function assertIntendedUse(jwk: JwkSnapshot, needed: "sign" | "verify"): void {
  const use = jwk.get("use");
  if (use !== undefined && use !== "sig") throw new TypeError("the JWK is not meant for signatures");
  const operations = jwk.get("key_ops");
  if (operations === undefined) return;
  if (!Array.isArray(operations) || new Set(operations).size !== operations.length) {
    throw new TypeError("the key_ops of a JWK are an array without duplicates (RFC 7517 §4.3)");
  }
  if (!operations.includes(needed) || operations.some((name) => name !== "sign" && name !== "verify")) {
    throw new TypeError("the JWK's key_ops do not fit a key for signatures");
  }
}

function bytesOf(jwk: JwkSnapshot, name: Member): Buffer {
  const bytes = decodeBase64url(jwk.get(name) as string);
  if (bytes === undefined) throw new TypeError(`the JWK member ${name} is not canonical base64url`);
  return bytes;
}

function assertLength(jwk: JwkSnapshot, name: Member, length: number): void {
  if (jwk.has(name) && bytesOf(jwk, name).length !== length) {
    throw new TypeError(`the JWK member ${name} must have ${length} bytes`);
  }
}

/** Each value has exactly one text (RFC 7518 §2 Base64urlUInt, §6.2.1.2, §6.3.1; RFC 8037 §2). */
function assertEncoding(jwk: JwkSnapshot, algorithm: AsymmetricAlgorithm): void {
  switch (algorithm.kty) {
    case "RSA":
      for (const name of [...membersOf.RSA.verifying, ...membersOf.RSA.signing]) {
        if (jwk.has(name) && !(bytesOf(jwk, name)[0]! > 0)) {
          throw new TypeError(`the JWK member ${name} must be a positive number without leading zeros`);
        }
      }
      assertSoundModulus(bytesOf(jwk, "n"), bytesOf(jwk, "e"));
      if (jwk.has("d")) assertPrivateNumbers((name) => bytesOf(jwk, name));
      return;
    case "EC":
    case "OKP": {
      if (jwk.get("crv") !== algorithm.crv)
        throw new TypeError(`a key for ${algorithm.name} is on ${algorithm.crv}`);
      const length = algorithm.kty === "EC" ? algorithm.coordinateLength : 32;
      for (const name of ["x", "y", "d"] as const) assertLength(jwk, name, length);
      if (algorithm.kty === "OKP") assertSoundPoint(bytesOf(jwk, "x"));
      return;
    }
    case "AKP":
      assertLength(jwk, "pub", algorithm.publicKeyLength);
      assertLength(jwk, "priv", 32);
  }
}

function keyObject(
  jwk: JwkSnapshot,
  algorithm: AsymmetricAlgorithm,
  names: readonly Member[],
  create: (input: { key: JsonWebKey; format: "jwk" }) => KeyObject,
): KeyObject {
  const key: JsonWebKey = { kty: algorithm.kty, alg: algorithm.name };
  for (const name of names) key[name] = jwk.get(name) as string;
  try {
    return create({ key, format: "jwk" });
  } catch {
    // The cause is left out: it may quote what it could not read.
    throw new TypeError(`not a key for ${algorithm.name}, or one this runtime does not support`);
  }
}

/** A private key must sign what its public members verify; the runtime does not compare them. */
function assertPair(privateKey: Key, publicKey: Key): void {
  const probe = "countersign";
  let isPair = false;
  try {
    const signature = materialOf(privateKey).sign!(probe);
    isPair = materialOf(publicKey).verify(`${probe}.${signature}`, probe.length);
  } catch {
    // Private members that are no private key at all.
  }
  if (!isPair) throw new TypeError("the private members of the JWK do not belong to its public members");
}

/**
 * The public half of a key as a JWK with `kid`, `alg` and `use`.
 *
 * @throws TypeError for a secret, which has no public half.
 */
export function exportPublicJwk(key: Key): PublicJwk {
  const { algorithm, verifyingKey } = materialOf(key);
  if (algorithm.kty === "oct") throw new TypeError("a secret has no public half");
  return describeJwk(key, verifyingKey);
}

/**
 * A private key or a secret as a JWK, to be sealed and stored.
 *
 * @throws TypeError for a public key.
 */
export function exportPrivateJwk(key: Key): Jwk {
  const { signingKey } = materialOf(key);
  if (signingKey === undefined) throw new TypeError("a public key has no private half");
  return describeJwk(key, signingKey);
}

function describeJwk(key: Key, material: KeyObject): Jwk {
  const { kty, ...members } = material.export({ format: "jwk" }) as Jwk;
  const kid = key.kid === undefined ? {} : { kid: key.kid };
  return { kty, ...kid, ...members, alg: key.algorithm, use: "sig" };
}
