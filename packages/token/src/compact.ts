/** The JWS compact serialization: from a string to a payload whose signature holds (RFC 7515 §5.2, §7.1). */
import { decodeBase64url } from "./base64url.ts";
import { TokenError } from "./errors.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { type Key, materialOf } from "./keys.ts";
import { type KeySet, selectKey } from "./key-set.ts";
import type { Verify } from "./signatures.ts";

/** A header, and the key it names. */
interface TrustedHeader {
  /** The first segment and its dot: a token that begins so has this header. */
  readonly prefix: string;
  readonly key: Key;
  readonly verify: Verify;
}

/** A token whose signature holds: the key, and the second segment as it was signed. */
export interface OpenedToken {
  readonly key: Key;
  readonly payload: string;
}

/** @throws TokenError `malformed`, `too_large`. */
export function assertText(token: unknown, maxLength: number): asserts token is string {
  if (typeof token !== "string") throw new TokenError("malformed");
  if (token.length > maxLength) throw new TokenError("too_large");
}

/**
 * Checks everything about a token but its payload, of which nothing is read.
 *
 * @throws TokenError `malformed`, `algorithm_not_allowed`, `critical_header`, `wrong_type`, `unknown_key`,
 *   `bad_signature`.
 */
export type Opener = (token: string) => OpenedToken;

/** Headers are remembered only after a token with them has verified, so only those who hold a key can fill this. */
const maxRememberedHeaders = 16;

/** `type` is the media type that `typ` must name, as `mediaType` gives it, or null to accept any. */
export function createOpener(keys: KeySet, type: string | null): Opener {
  let remembered: readonly TrustedHeader[] = [];
  return (token) => {
    const first = token.indexOf(".");
    const second = token.indexOf(".", first + 1);
    if (first < 0 || second < 0 || token.includes(".", second + 1)) throw new TokenError("malformed");
    const known = headerOf(token, remembered);
    const header = known ?? judgeHeader(token.slice(0, first + 1), keys, type);
    if (!header.verify(token.slice(0, second), token.slice(second + 1)))
      throw new TokenError("bad_signature");
    if (known === undefined) remembered = [header, ...remembered.slice(0, maxRememberedHeaders - 1)];
    return { key: header.key, payload: token.slice(first + 1, second) };
  };
}

/** The remembered header with which a token begins. */
function headerOf(token: string, headers: readonly TrustedHeader[]): TrustedHeader | undefined {
  for (const header of headers) if (token.startsWith(header.prefix)) return header;
  return undefined;
}

function judgeHeader(prefix: string, keys: KeySet, type: string | null): TrustedHeader {
  const header = parseSegment(prefix.slice(0, -1));
  const { alg, kid, typ, cty } = header;
  if (typeof alg !== "string") throw new TokenError("algorithm_not_allowed");
  // RFC 7515 §4.1.11, RFC 7797 §6 and §7; compression is not part of JWS at all.
  if (["crit", "b64", "zip"].some((name) => Object.hasOwn(header, name)))
    throw new TokenError("critical_header");
  if ((kid !== undefined && typeof kid !== "string") || (typ !== undefined && typeof typ !== "string")) {
    throw new TokenError("malformed");
  }
  // RFC 7519 §5.2: "JWT" here says that the payload is again a token.
  if (cty !== undefined && (typeof cty !== "string" || mediaType(cty) === "jwt"))
    throw new TokenError("wrong_type");
  if (type !== null && (typ === undefined || mediaType(typ) !== type)) throw new TokenError("wrong_type");
  const key = selectKey(keys, alg, kid);
  if (typeof key === "string") throw new TokenError(key);
  return { prefix, key, verify: materialOf(key).verify };
}

/** The JSON object in a segment. */
export function parseSegment(segment: string): JsonObject {
  const bytes = decodeBase64url(segment);
  const value = bytes === undefined ? undefined : parseJsonObject(bytes);
  if (value === undefined) throw new TokenError("malformed");
  return value;
}

/** A media type as it is compared: in lower case, without `application/` (RFC 7515 §4.1.9). */
export function mediaType(value: string): string {
  const lower = value.toLowerCase();
  return lower.startsWith("application/") && !lower.includes("/", 12) ? lower.slice(12) : lower;
}
