/** A set of keys, and which of them answers to a token's header. */
import type { AlgorithmName } from "./algorithms.ts";
import { exportPublicJwk, holdsSecret, importSnapshot, type PublicJwk, snapshotJwk } from "./jwk.ts";
import { type Key, materialOf, publicKey } from "./keys.ts";

declare const brand: unique symbol;

/** Keys that verify: secrets and public keys. Frozen; made only by this package. */
export interface KeySet {
  readonly keys: readonly Key[];
  readonly [brand]: "KeySet";
}

/** More keys than any issuer publishes; a set may be fetched from afar. */
const maxKeys = 100;

const sets = new WeakSet<KeySet>();

/** @throws TypeError if `set` was not made by this package. */
export function assertKeySet(set: KeySet): KeySet {
  if (!sets.has(set)) throw new TypeError("not a key set made by this package");
  return set;
}

/**
 * The keys a verifier trusts. Of a private key only the public half goes in.
 *
 * `allowSecretsBesidePublicKeys` is for an issuer that verifies its own tokens while it changes from secrets to key
 * pairs, or back. Each key then has a `kid`.
 *
 * @throws TypeError if there is no key, if two have one `kid`, or if secrets and public keys are mixed: a verifier's
 *   secret must not be in reach of a forger who plays with `alg` and `kid`.
 */
export function keySet(
  keys: readonly Key[],
  options: { allowSecretsBesidePublicKeys?: boolean | undefined } = {},
): KeySet {
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError("a key set has at least one key");
  if (keys.length > maxKeys) throw new TypeError(`a key set has at most ${maxKeys} keys`);
  const verifying = (keys as readonly Key[]).map((key) => (isSecret(key) ? key : publicKey(key)));
  const kids = verifying.map((key) => key.kid).filter((kid) => kid !== undefined);
  assertDistinct(kids);
  if (verifying.some(isSecret) && !verifying.every(isSecret)) {
    if (options.allowSecretsBesidePublicKeys !== true) {
      throw new TypeError("a key set holds either secrets or public keys");
    }
    if (kids.length !== verifying.length)
      throw new TypeError("every key has a kid where secrets and public keys are mixed");
  }
  const set = Object.freeze({ keys: Object.freeze(verifying) }) as unknown as KeySet;
  sets.add(set);
  return set;
}

function assertDistinct(kids: readonly unknown[]): void {
  if (new Set(kids).size !== kids.length) throw new TypeError("two keys of the set have the same kid");
}

function isSecret(key: Key): boolean {
  return materialOf(key).algorithm.kty === "oct";
}

/**
 * A key set from a JSON Web Key Set, as issuers publish it.
 *
 * Keys that are of no use here (another type, algorithm or purpose, or not sound) are left out, as RFC 7517 §5 asks.
 * `algorithm` is for keys that do not name one.
 *
 * @throws TypeError if it is no JWK Set or no usable key is left; if it holds private keys or secrets, unless
 *   `allowSecrets` says that it comes from a place that only its owner can read; or as `keySet` does.
 */
export function importJwkSet(
  json: unknown,
  options: { algorithm?: AlgorithmName | undefined; allowSecrets?: boolean | undefined } = {},
): KeySet {
  const members = typeof json === "object" && json !== null && "keys" in json ? json.keys : undefined;
  if (!Array.isArray(members))
    throw new TypeError("a JWK Set is an object with an array of keys (RFC 7517 §5)");
  if (members.length > maxKeys) throw new TypeError(`a JWK Set has at most ${maxKeys} keys`);
  const snapshots = members.map(snapshotJwk);
  if (options.allowSecrets !== true && snapshots.some(holdsSecret)) {
    throw new TypeError("the JWK Set holds secrets or private keys");
  }
  // Also of those that turn out to be of no use: which one the issuer means cannot be known.
  const signatureKeys = snapshots.filter((jwk) => jwk.has("kid") && jwk.get("use") !== "enc");
  assertDistinct(signatureKeys.map((jwk) => jwk.get("kid")));
  const keys: Key[] = [];
  let cause: unknown;
  for (const jwk of snapshots) {
    try {
      keys.push(importSnapshot(jwk, jwk.has("alg") ? undefined : options.algorithm));
    } catch (error) {
      cause ??= error;
    }
  }
  if (keys.length === 0) throw new TypeError("the JWK Set holds no usable key", { cause });
  return keySet(keys);
}

/**
 * The set as JSON for `/.well-known/jwks.json`: public members only.
 *
 * @throws TypeError for a set of secrets.
 */
export function exportJwkSet(set: KeySet): { keys: PublicJwk[] } {
  assertKeySet(set);
  return { keys: set.keys.map(exportPublicJwk) };
}

/** Whether a key may verify tokens whose header says `alg`. */
function answersTo(key: Key, alg: string): boolean {
  return key.algorithm === alg || (alg === "EdDSA" && key.algorithm === "Ed25519");
}

/** Which key a header means. */
export type KeySelection = Key | "algorithm_not_allowed" | "unknown_key";

/**
 * The one key a token may be signed with: the key with its `kid`; else, as keys need no `kid`, the only key of that
 * algorithm without one; and for a token without a `kid`, the only key of that algorithm.
 */
export function selectKey(set: KeySet, alg: string, kid: string | undefined): KeySelection {
  const named = kid === undefined ? undefined : set.keys.find((key) => key.kid === kid);
  if (named !== undefined) return answersTo(named, alg) ? named : "algorithm_not_allowed";
  const candidates = set.keys.filter(
    (key) => answersTo(key, alg) && (kid === undefined || key.kid === undefined),
  );
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  return set.keys.some((key) => answersTo(key, alg)) ? "unknown_key" : "algorithm_not_allowed";
}
