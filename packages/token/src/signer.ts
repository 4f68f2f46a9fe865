/** Signing tokens: options compiled once into a synchronous function. */
import { encodeText } from "./base64url.ts";
import { findFault, type RegisteredClaims } from "./claims.ts";
import { writeJsonObject } from "./json.ts";
import { type Key, materialOf } from "./keys.ts";
import {
  assertFunction,
  assertKnownOptions,
  boundedInteger,
  systemSeconds,
  requiredText,
  requiredTexts,
  textOrNull,
} from "./options.ts";

/** What a signer is told. */
export interface SignerOptions {
  readonly key: Key;
  /** The media type for `typ`, for example `at+jwt`; null for none. */
  readonly type: string | null;
  /** `iss`; null or absent for none. */
  readonly issuer?: string | null | undefined;
  /** `aud`; null or absent for none. */
  readonly audience?: string | readonly string[] | null | undefined;
  /** `exp` is `iat` plus this; null for tokens that do not expire by themselves. */
  readonly lifetimeSeconds: number | null;
  /** The time in whole seconds since the epoch. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

const optionNames: readonly (keyof SignerOptions)[] = [
  "key",
  "type",
  "issuer",
  "audience",
  "lifetimeSeconds",
  "now",
];

/**
 * A compact token with these claims, which must be serialisable as a JSON object.
 *
 * The signer adds `iss`, `aud`, `iat` and `exp` as it was told. The claims may bring an `iat` of their own, from
 * which `exp` is then counted, and those of the others that the signer was not told.
 *
 * @throws TypeError for claims that a strict verifier would refuse: no object, a registered claim of the wrong type,
 *   one that the signer adds itself, a lone surrogate, too deep a nesting. So for claims that have a `toJSON`.
 */
export type Signer = (claims: object) => string;

/**
 * A function that signs tokens.
 *
 * @throws TypeError if the key cannot sign, or an option is missing, unknown or makes no sense.
 */
export function createSigner(options: SignerOptions): Signer {
  assertKnownOptions(options, optionNames);
  const { key, now = systemSeconds } = options;
  assertFunction("now", now);
  const type = textOrNull("type", options.type);
  const sign = createTextSigner(key, {
    alg: key.algorithm,
    typ: type ?? undefined,
    kid: key.kid,
  });
  const { lifetimeSeconds } = options;
  if (lifetimeSeconds !== null) boundedInteger("lifetimeSeconds", lifetimeSeconds, 1, 2 ** 32);
  const fixed = fixedClaims(options);
  const added = Object.keys(lifetimeSeconds === null ? fixed : { ...fixed, exp: lifetimeSeconds });

  return (claims) => {
    assertGiven(claims, added);
    const iat = claims.iat ?? now();
    // A copy: what is checked below is what is signed, whatever getters the claims may have.
    const all: RegisteredClaims =
      lifetimeSeconds === null
        ? { ...claims, ...fixed, iat }
        : { ...claims, ...fixed, iat, exp: iat + lifetimeSeconds };
    // Its own would have the last word, without what is added here; one that is inherited may hide what was copied.
    if (isFunction(all, "toJSON") || isFunction(claims, "toJSON"))
      throw new TypeError("claims must be plain: no toJSON");
    const fault = findFault(all);
    if (fault !== undefined) throw new TypeError(`the claim ${fault} is of the wrong type or out of range`);
    return sign(writeJsonObject(all));
  };
}

function fixedClaims({ issuer = null, audience = null }: SignerOptions): RegisteredClaims {
  return {
    ...(issuer === null ? {} : { iss: requiredText("issuer", issuer) }),
    ...(audience === null ? {} : { aud: requiredTexts("audience", audience) }),
  };
}

function isFunction(object: object, name: string): boolean {
  return typeof object[name as never] === "function";
}

/** @throws TypeError unless the claims are an object without those that the signer adds itself. */
function assertGiven(claims: object, added: readonly string[]): asserts claims is RegisteredClaims {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new TypeError("claims must be an object");
  }
  for (const name of added) {
    if (claims[name as never] !== undefined) throw new TypeError(`the signer adds the claim ${name} itself`);
  }
}

/**
 * Signs payload texts under one header.
 *
 * @throws TypeError if the key cannot sign.
 */
export function createTextSigner(key: Key, header: object): (payload: string) => string {
  const { sign } = materialOf(key);
  if (sign === undefined) throw new TypeError("a public key cannot sign");
  const prefix = `${encodeText(JSON.stringify(header))}.`;
  return (payload) => {
    const input = prefix + encodeText(payload);
    return `${input}.${sign(input)}`;
  };
}
