/** A key: the algorithm it was made for, and material that nothing outside of this package can see. */
import crypto, { type KeyObject } from "node:crypto";
import { base64urlLength } from "./base64url.ts";
import { isPublicKeyText } from "./public-key-texts.ts";
import { isPublishedSecret } from "./published-secrets.ts";
import { isGuessableSecret } from "./secret-strength.ts";
import {
  type Algorithm,
  type AlgorithmName,
  type AsymmetricAlgorithm,
  type HmacAlgorithmName,
  requireAlgorithm,
} from "./algorithms.ts";
import {
  asymmetricSign,
  asymmetricVerify,
  hmacSignature,
  type Sign,
  type Verify,
  type VerifyBytes,
} from "./signatures.ts";

declare const brand: unique symbol;

/**
 * A key with the one algorithm it is used with (RFC 8725 §3.1). Frozen; made only by this package.
 *
 * `canSign` is false for public keys.
 */
export interface Key {
  readonly algorithm: AlgorithmName;
  readonly kid: string | undefined;
  readonly canSign: boolean;
  readonly [brand]: "Key";
}

/** What a key is made of. */
export interface KeyMaterial {
  readonly algorithm: Algorithm;
  /** The secret or the public key. */
  readonly verifyingKey: KeyObject;
  /** The secret or the private key. */
  readonly signingKey: KeyObject | undefined;
  readonly sign: Sign | undefined;
  readonly verify: Verify;
  /** For keys whose signatures do not depend on the encoding of what they sign: all but secrets. */
  readonly verifyBytes?: VerifyBytes;
  /** Characters of a signature in base64url. */
  readonly signatureLength: number;
}

const materials = new WeakMap<Key, KeyMaterial>();

/** @throws TypeError if `key` was not made by this package. */
export function materialOf(key: Key): KeyMaterial {
  const material = materials.get(key);
  if (material === undefined) throw new TypeError("not a key made by this package");
  return material;
}

function makeKey(material: KeyMaterial, kid: string | undefined): Key {
  if (kid !== undefined && (typeof kid !== "string" || !kid.isWellFormed())) {
    throw new TypeError("kid must be a well-formed string (RFC 7517 §4.5)");
  }
  const key = Object.freeze({
    algorithm: material.algorithm.name,
    kid,
    canSign: material.sign !== undefined,
  }) as Key;
  materials.set(key, Object.freeze(material));
  return key;
}

/**
 * A secret that both signs and verifies. The bytes are copied.
 *
 * @throws TypeError if there are fewer bytes than the hash has: 32, 48 or 64 (RFC 7518 §3.2), if they are a public key,
 *   or if they can be guessed: a published example, or a text that a person made up (RFC 8725 §3.5).
 */
export function secretKey(
  algorithm: HmacAlgorithmName,
  bytes: Uint8Array,
  options: { kid?: string | undefined } = {},
): Key {
  const key = unjudgedSecretKey(algorithm, bytes, options);
  if (isGuessableSecret(bytes)) {
    throw new TypeError(
      "this secret can be guessed, as a person made it up (RFC 8725 §3.5): take random bytes, e.g. randomBytes(32)",
    );
  }
  return key;
}

/** As `secretKey`, for a secret whose owner says that it may be one that can be guessed. */
export function unjudgedSecretKey(
  algorithm: HmacAlgorithmName,
  bytes: Uint8Array,
  options: { kid?: string | undefined } = {},
): Key {
  const entry = requireAlgorithm(algorithm);
  if (entry.kty !== "oct") throw new TypeError(`${entry.name} does not use a secret`);
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a secret must be given as bytes");
  if (bytes.length < entry.hashLength) {
    throw new TypeError(
      `a secret for ${entry.name} must have at least ${entry.hashLength} bytes (RFC 7518 §3.2)`,
    );
  }
  if (isPublishedSecret(bytes)) throw new TypeError("this secret is a published example (RFC 8725 §3.5)");
  if (isPublicKeyText(bytes))
    throw new TypeError("a public key must not be used as a secret (RFC 8725 §2.1)");
  const key = crypto.createSecretKey(bytes);
  return makeKey(
    {
      algorithm: entry,
      verifyingKey: key,
      signingKey: key,
      ...hmacSignature(entry, bytes),
      signatureLength: base64urlLength(entry.hashLength),
    },
    options.kid,
  );
}

/** A key from a public or private `KeyObject` that has been checked against the algorithm. */
export function asymmetricKey(
  algorithm: AsymmetricAlgorithm,
  keyObject: KeyObject,
  kid: string | undefined,
): Key {
  const isPrivate = keyObject.type === "private";
  const verifyingKey = isPrivate ? crypto.createPublicKey(keyObject) : keyObject;
  const length = signatureLength(algorithm, verifyingKey);
  return makeKey(
    {
      algorithm,
      verifyingKey,
      signingKey: isPrivate ? keyObject : undefined,
      sign: isPrivate ? asymmetricSign(algorithm, keyObject) : undefined,
      ...asymmetricVerify(algorithm, verifyingKey, length),
      signatureLength: base64urlLength(length),
    },
    kid,
  );
}

/** Bytes of a signature: RFC 8017 §8.2.1, RFC 7518 §3.4, RFC 8032 §5.1.6, RFC 9964. */
function signatureLength(algorithm: AsymmetricAlgorithm, verifyingKey: KeyObject): number {
  switch (algorithm.kty) {
    case "RSA":
      return Buffer.from(verifyingKey.export({ format: "jwk" }).n!, "base64url").length;
    case "EC":
      return algorithm.coordinateLength * 2;
    case "OKP":
      return 64;
    case "AKP":
      return algorithm.signatureLength;
  }
}

/**
 * The half of a private key that verifies: same algorithm, same `kid`. A public key is returned as it is.
 *
 * @throws TypeError for a secret, which has no public half.
 */
export function publicKey(key: Key): Key {
  const { algorithm, verifyingKey } = materialOf(key);
  if (algorithm.kty === "oct") throw new TypeError("a secret has no public half");
  return key.canSign ? asymmetricKey(algorithm, verifyingKey, key.kid) : key;
}
