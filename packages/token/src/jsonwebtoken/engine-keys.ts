/** From a `KeyObject` to a key of the engine, for one algorithm. */
import type { KeyObject } from "node:crypto";
import { type Algorithm, findAlgorithm } from "../algorithms.ts";
import { asymmetricKey, type Key, unjudgedSecretKey } from "../keys.ts";
import { importKeyObject } from "../pem.ts";
import { isGuessableSecret } from "../secret-strength.ts";
import { JsonWebTokenError } from "./errors.ts";
import type { KeyRole } from "./key-material.ts";

interface KeyUse {
  /** As it stands in the header: `EdDSA` means Ed25519. */
  readonly algorithm: string;
  readonly role: KeyRole;
  readonly allowInsecureKeySizes: boolean;
}

/** Keys are prepared once for each algorithm they are used with. */
const prepared = new WeakMap<KeyObject, Map<string, Key>>();

/** @throws JsonWebTokenError if the key is not of the kind, the curve or the size that the algorithm needs. */
export function engineKey(keyObject: KeyObject, use: KeyUse): Key {
  const name = `${use.algorithm} ${use.role} ${use.allowInsecureKeySizes}`;
  const keys = prepared.get(keyObject) ?? new Map<string, Key>();
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = prepareKey(keyObject, use);
  prepared.set(keyObject, keys.set(name, key));
  return key;
}

function prepareKey(keyObject: KeyObject, { algorithm: alg, role, allowInsecureKeySizes }: KeyUse): Key {
  const algorithm = findAlgorithm(alg === "EdDSA" ? "Ed25519" : alg);
  if (algorithm === undefined) throw new JsonWebTokenError("invalid algorithm");
  assertKeyType(keyObject, algorithm, role);
  try {
    if (algorithm.kty === "oct") {
      const bytes = secretBytes(keyObject, algorithm.hashLength, role, allowInsecureKeySizes);
      const key = unjudgedSecretKey(algorithm.name, bytes);
      if (!allowInsecureKeySizes && isGuessableSecret(bytes)) {
        throw new JsonWebTokenError(
          `${role} can be guessed: take random bytes, or allowInsecureKeySizes: true until all tokens under it have died`,
        );
      }
      return key;
    }
    const bits = keyObject.asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY;
    if (bits < 2048) {
      if (!allowInsecureKeySizes) {
        throw new JsonWebTokenError(`${role} has a minimum key size of 2048 bits for ${algorithm.name}`);
      }
      return asymmetricKey(algorithm, keyObject, undefined);
    }
    return importKeyObject(algorithm.name, keyObject);
  } catch (error) {
    if (error instanceof JsonWebTokenError) throw error;
    throw new JsonWebTokenError(`${role} is not a sound key for ${algorithm.name}`, error as Error);
  }
}

/** RFC 2104 §2 pads a short secret with zeros, so a longer one that ends in zeros gives the same MACs. */
function secretBytes(
  keyObject: KeyObject,
  hashLength: number,
  role: KeyRole,
  allowShort: boolean,
): Uint8Array {
  const bytes = keyObject.export();
  if (bytes.length >= hashLength) return bytes;
  if (!allowShort || bytes.length === 0) {
    const remedy = bytes.length === 0 ? "" : ": take a longer one, or allowInsecureKeySizes: true";
    throw new JsonWebTokenError(
      `${role} has a minimum key size of ${hashLength * 8} bits for HS${hashLength * 8}${remedy}`,
    );
  }
  return Buffer.concat([bytes], hashLength);
}

const curves: Readonly<Record<string, string>> = {
  ES256: "prime256v1",
  ES384: "secp384r1",
  ES512: "secp521r1",
};

const algorithmsOfKeyType: Readonly<Record<string, readonly string[]>> = {
  ec: ["ES256", "ES384", "ES512"],
  rsa: ["RS256", "PS256", "RS384", "PS384", "RS512", "PS512"],
  ed25519: ["Ed25519", "EdDSA"],
  "ml-dsa-44": ["ML-DSA-44"],
  "ml-dsa-65": ["ML-DSA-65"],
  "ml-dsa-87": ["ML-DSA-87"],
};

/** The algorithms of a key where the caller names none: its type decides. */
export function defaultAlgorithms(keyObject: KeyObject): readonly string[] {
  if (keyObject.type === "secret") return ["HS256", "HS384", "HS512"];
  return algorithmsOfKeyType[String(keyObject.asymmetricKeyType)] ?? [];
}

function assertKeyType(keyObject: KeyObject, algorithm: Algorithm, role: KeyRole): void {
  const isSecret = algorithm.kty === "oct";
  const wanted = isSecret ? "secret" : role === "secretOrPublicKey" ? "public" : "private";
  if (keyObject.type !== wanted) {
    const kind = isSecret ? "a symmetric key" : "an asymmetric key";
    throw new JsonWebTokenError(`${role} must be ${kind} when using ${algorithm.name}`);
  }
  const keyType = keyObject.asymmetricKeyType;
  if (keyType === undefined) return;
  const allowed = algorithmsOfKeyType[keyType];
  if (allowed === undefined) throw new JsonWebTokenError(`Unknown key type "${keyType}".`);
  if (!allowed.includes(algorithm.name)) {
    throw new JsonWebTokenError(
      `"alg" parameter for "${keyType}" key type must be one of: ${allowed.join(", ")}.`,
    );
  }
  const curve = curves[algorithm.name];
  if (curve !== undefined && keyObject.asymmetricKeyDetails?.namedCurve !== curve) {
    throw new JsonWebTokenError(`"alg" parameter "${algorithm.name}" requires curve "${curve}".`);
  }
}
