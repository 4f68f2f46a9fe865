/** The JWS compact serialization: from a string to a payload whose signature holds (RFC 7515 §5.2, §7.1). */
import { decodeBase64url, decodeUtf8 } from "./base64url.ts";
import { TokenError } from "./errors.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { type Key, materialOf } from "./keys.ts";
import { type KeySet, selectKey } from "./key-set.ts";
import type { Verify } from "./signatures.ts";

/** What a verifier expects of headers. */
export interface HeaderExpectation {
  /** The media type `typ` must name, as `mediaType` gives it, or null to accept any. */
  readonly type: string | null;
  readonly maxTokenLength: number;
}

/** A header, and the key it names. */
export interface TrustedHeader {
  /** The first segment and its dot: a token that begins so has this header. */
  readonly prefix: string;
  readonly key: Key;
  readonly verify: Verify;
}

/** A token whose signature holds. */
export interface OpenedToken {
  readonly header: TrustedHeader;
  /** The second segment, as it was signed. */
  readonly payload: string;
}

/** Headers are remembered only after a token with them has verified, so only key holders can fill this. */
const maxRememberedHeaders = 16;

/**
 * A function that checks everything about a token but its payload.
 *
 * @throws TokenError from it: `malformed`, `too_large`, `algorithm_not_allowed`, `critical_header`, `wrong_type`,
 *   `unknown_key`, `bad_signature`.
 */
export function createOpener(keys: KeySet, expectation: HeaderExpectation): (token: string) => OpenedToken {
  let remembered: readonly TrustedHeader[] = [];
  return (token) => {
    if (typeof token !== "string") throw new TokenError("malformed");
    if (token.length > expectation.maxTokenLength) throw new TokenError("too_large");
    const first = token.indexOf(".");
    const second = token.indexOf(".", first + 1);
    if (first < 0 || second < 0 || token.includes(".", second + 1)) throw new TokenError("malformed");
    const known = remembered.find(({ prefix }) => token.startsWith(prefix));
    const header = known ?? judgeHeader(token.slice(0, first + 1), keys, expectation);
    if (!header.verify(token.slice(0, second), token.slice(second + 1)))
      throw new TokenError("bad_signature");
    if (known === undefined) remembered = [header, ...remembered.slice(0, maxRememberedHeaders - 1)];
    return { header, payload: token.slice(first + 1, second) };
  };
}

function judgeHeader(prefix: string, keys: KeySet, { type }: HeaderExpectation): TrustedHeader {
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
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  const value = text === undefined ? undefined : parseJsonObject(text);
  if (value === undefined) throw new TokenError("malformed");
  return value;
}

/** A media type as it is compared: in lower case, without `application/` (RFC 7515 §4.1.9). */
export function mediaType(value: string): string {
  const lower = value.toLowerCase();
  return lower.startsWith("application/") && !lower.includes("/", 12) ? lower.slice(12) : lower;
}
