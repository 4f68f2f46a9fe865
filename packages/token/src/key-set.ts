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

/** What a set was made with, which nobody can change later. */
interface SetRules {
  readonly tryKeysWithoutKid: boolean;
}

const sets = new WeakMap<KeySet, SetRules>();

/** @throws TypeError if `set` was not made by this package. */
export function assertKeySet(set: KeySet): KeySet {
  if (!sets.has(set)) throw new TypeError("not a key set made by this package");
  return set;
}

/** How a set is to be read. */
export interface KeySetOptions {
  readonly allowSecretsBesidePublicKeys?: boolean | undefined;
  readonly tryKeysWithoutKid?: boolean | undefined;
}

/**
 * The keys a verifier trusts. Of a private key only the public half goes in.
 *
 * `allowSecretsBesidePublicKeys` is for an issuer that verifies its own tokens while it changes from secrets to key
 * pairs, or back. Each key then has a `kid`.
 *
 * `tryKeysWithoutKid` is for an issuer that has several keys without a `kid`: a token that names none of the others is
 * tried with each of them that has its algorithm. Otherwise such a token is refused, as nobody can tell which is meant.
 *
 * @throws TypeError if there is no key, if two have one `kid`, or if secrets and public keys are mixed: a verifier's
 *   secret must not be in reach of a forger who plays with `alg` and `kid`.
 */
export function keySet(keys: readonly Key[], options: KeySetOptions = {}): KeySet {
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
  sets.set(set, { tryKeysWithoutKid: options.tryKeysWithoutKid === true });
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
 * A key that is of no use here (another type, algorithm or purpose, not sound, no object at all) is left out, as RFC
 * 7517 §5 asks, and spoils no other. So are keys that differ and have the same `kid`, be one of them broken: which is meant, nobody can tell.
 * `algorithm` is for keys that do not name one; `tryKeysWithoutKid` is as in `keySet`.
 *
 * @throws TypeError if it is no JWK Set or no usable key is left; if it holds private keys or secrets, unless
 *   `allowSecrets` says that it comes from a place that only its owner can read; or as `keySet` does.
 */
export function importJwkSet(json: unknown, options: JwkSetOptions = {}): KeySet {
  const members = typeof json === "object" && json !== null && "keys" in json ? json.keys : undefined;
  if (!Array.isArray(members))
    throw new TypeError("a JWK Set is an object with an array of keys (RFC 7517 §5)");
  if (members.length > maxKeys) throw new TypeError(`a JWK Set has at most ${maxKeys} keys`);
  const jwks = (members as readonly unknown[]).filter(isObject).map(snapshotJwk);
  // Whoever publishes one key too many has lost it: that is no matter of one key.
  if (options.allowSecrets !== true && jwks.some(holdsSecret)) {
    throw new TypeError("the JWK Set holds secrets or private keys");
  }
  const read: { readonly key: Key; readonly kind: string }[] = [];
  /** Names of keys that are broken, beside their type: another key of both may be the one that was meant, or not. */
  const broken = new Set<string>();
  let cause: unknown;
  for (const jwk of jwks) {
    const kind = JSON.stringify([jwk.get("kid"), jwk.get("kty")]);
    try {
      const key = importSnapshot(jwk, jwk.has("alg") ? undefined : options.algorithm);
      read.push({ key, kind });
    } catch (error) {
      cause ??= error;
      if (jwk.has("kid") && jwk.get("use") !== "enc") broken.add(kind);
    }
  }
  const keys = read.map(({ key }) => key);
  const distinct = read
    .filter(({ key, kind }) => isOnlyOneOfItsName(key, keys) && !broken.has(kind))
    .map(({ key }) => key);
  if (distinct.length === 0) {
    cause ??= keys.length > 0 ? new TypeError("two keys of the set have the same kid") : undefined;
    throw new TypeError("the JWK Set holds no usable key", { cause });
  }
  return keySet(distinct, { tryKeysWithoutKid: options.tryKeysWithoutKid });
}

/** How a JWK Set is to be read. */
export interface JwkSetOptions {
  readonly algorithm?: AlgorithmName | undefined;
  readonly allowSecrets?: boolean | undefined;
  readonly tryKeysWithoutKid?: boolean | undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of keys that are the same in all respects, the first one stands for all. */
function isOnlyOneOfItsName(key: Key, keys: readonly Key[]): boolean {
  if (key.kid === undefined) return true;
  const namesakes = keys.filter(({ kid }) => kid === key.kid);
  return namesakes[0] === key && namesakes.every((other) => isSameKey(other, key));
}

function isSameKey(one: Key, other: Key): boolean {
  return (
    one.algorithm === other.algorithm && materialOf(one).verifyingKey.equals(materialOf(other).verifyingKey)
  );
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

/** Which keys a header may mean: one, nearly always. */
export type KeySelection = readonly [key: Key, ...others: Key[]] | "algorithm_not_allowed" | "unknown_key";

/**
 * The keys a token may be signed with: the key with its `kid`; else, as keys need no `kid`, the only key of that
 * algorithm without one, or each of them where the set says so; and for a token without a `kid`, the only key of that
 * algorithm.
 */
export function selectKeys(set: KeySet, alg: string, kid: string | undefined): KeySelection {
  const named = kid === undefined ? undefined : set.keys.find((key) => key.kid === kid);
  if (named !== undefined) return answersTo(named, alg) ? [named] : "algorithm_not_allowed";
  const ofAlgorithm = set.keys.filter((key) => answersTo(key, alg));
  const nameless = ofAlgorithm.filter((key) => key.kid === undefined);
  const candidates = kid === undefined ? ofAlgorithm : nameless;
  const triesEach = nameless.length > 1 && sets.get(set)!.tryKeysWithoutKid;
  const [first, ...others] = triesEach ? nameless : candidates;
  if (first !== undefined && (triesEach || others.length === 0)) return [first, ...others];
  return ofAlgorithm.length > 0 ? "unknown_key" : "algorithm_not_allowed";
}
