/** Signing tokens: options compiled once into a synchronous function. */
import { encodeBase64url } from "./base64url.ts";
import { parseJsonObject } from "./json.ts";
import { type Key, materialOf } from "./keys.ts";

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
  /** The time in seconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

/**
 * A compact token with these claims.
 *
 * The signer adds `iss`, `aud`, `iat` and `exp`. Of these the claims may bring their own `iat`, in seconds, from
 * which `exp` is then counted; and those which the signer was not told.
 *
 * @throws TypeError if the claims are not a JSON object, or one that no strict verifier would accept.
 */
export type Signer = (claims: object) => string;

/**
 * A function that signs tokens.
 *
 * @throws TypeError if the key cannot sign or an option makes no sense.
 */
export function createSigner(options: SignerOptions): Signer {
  const { key, type, lifetimeSeconds } = options;
  const sign = signWith(key, { alg: key.algorithm, ...(type === null ? {} : { typ: type }), ...kidOf(key) });
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const { issuer, audience } = options;
  return (claims) => {
    const given = claims as Record<string, unknown>;
    const issuedAt = Object.hasOwn(given, "iat") ? (given["iat"] as number) : now();
    const all: Record<string, unknown> = { ...given, iat: issuedAt };
    if (issuer !== undefined && issuer !== null) all["iss"] = issuer;
    if (audience !== undefined && audience !== null) all["aud"] = audience;
    if (lifetimeSeconds !== null) all["exp"] = issuedAt + lifetimeSeconds;
    const text = JSON.stringify(all);
    if (parseJsonObject(text) === undefined) throw new TypeError("claims must be a JSON object");
    return sign(text);
  };
}

function kidOf(key: Key): { kid?: string } {
  return key.kid === undefined ? {} : { kid: key.kid };
}

/** Signs a payload text under one header. */
export function signWith(key: Key, header: object): (payload: string) => string {
  const { sign } = materialOf(key);
  if (sign === undefined) throw new TypeError("a public key cannot sign");
  const prefix = `${encodeBase64url(Buffer.from(JSON.stringify(header)))}.`;
  return (payload) => {
    const input = prefix + encodeBase64url(Buffer.from(payload));
    return `${input}.${sign(input)}`;
  };
}
