/** The JWS compact serialization: from a string to a payload whose signature holds (RFC 7515 §5.2, §7.1). */
import { isAscii, isCanonical } from "./base64url.ts";
import { TokenError } from "./errors.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { type Key, materialOf } from "./keys.ts";
import { type KeySet, selectKeys } from "./key-set.ts";
import type { Verify } from "./signatures.ts";

/** A header, and the key it names. */
interface TrustedHeader {
  /** The first segment and its dot: a token that begins so has this header. */
  readonly prefix: string;
  readonly key: Key;
  readonly verify: Verify;
  readonly signatureLength: number;
  /** The same with other keys, where the set has several without a name that are tried in turn. */
  readonly alternatives: readonly TrustedHeader[] | undefined;
}

/** A token whose signature holds: the key, and the second segment as it was signed, which is ASCII. */
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
    const known = headerOf(token, remembered);
    const header = known ?? judgeHeader(token, keys, type);
    const { prefix } = header;
    // The second dot: a signature has as many characters as its key makes them have.
    let dot = token.length - header.signatureLength - 1;
    if (!isSignedAt(token, dot, header)) {
      const other = header.alternatives?.find((each) =>
        isSignedAt(token, token.length - each.signatureLength - 1, each),
      );
      if (other === undefined) throw refusal(token);
      dot = token.length - other.signatureLength - 1;
    }
    if (known === undefined) remembered = [header, ...remembered.slice(0, maxRememberedHeaders - 1)];
    return { key: header.key, payload: token.slice(prefix.length, dot) };
  };
}

function isSignedAt(token: string, dot: number, { prefix, verify }: TrustedHeader): boolean {
  return dot >= prefix.length && token[dot] === "." && verify(token, dot);
}

/** RFC 7515 §7.1, RFC 7519 §7.2: a token has exactly three parts. */
function hasThreeParts(token: string): boolean {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  return first >= 0 && second >= 0 && !token.includes(".", second + 1);
}

/** Why a token is refused whose header is good: where it was seen before, its parts have not been counted yet. */
function refusal(token: string): TokenError {
  return new TokenError(hasThreeParts(token) ? "bad_signature" : "malformed");
}

/** The remembered header with which a token begins. */
function headerOf(token: string, headers: readonly TrustedHeader[]): TrustedHeader | undefined {
  // Not startsWith, which goes character by character.
  for (const header of headers) if (token.slice(0, header.prefix.length) === header.prefix) return header;
  return undefined;
}

function judgeHeader(token: string, keys: KeySet, type: string | null): TrustedHeader {
  if (!hasThreeParts(token)) throw new TokenError("malformed");
  const prefix = token.slice(0, token.indexOf(".") + 1);
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
  const selected = selectKeys(keys, alg, kid);
  if (typeof selected === "string") throw new TokenError(selected);
  const [key, ...others] = selected;
  // Keys without a name all: which of them it was makes no difference to what is told of a token.
  const alternatives = others.map((other) => trustedHeader(prefix, other));
  return trustedHeader(prefix, key, others.length === 0 ? undefined : alternatives);
}

/**
 * The JSON object in a segment.
 *
 * @throws TokenError `malformed` unless it is canonical base64url of a strict JSON object.
 */
export function parseSegment(segment: string): JsonObject {
  if (!isAscii(segment)) throw new TokenError("malformed");
  return parseAsciiSegment(segment);
}

function trustedHeader(prefix: string, key: Key, alternatives?: readonly TrustedHeader[]): TrustedHeader {
  const { verify, signatureLength } = materialOf(key);
  return { prefix, key, verify, signatureLength, alternatives };
}

/** Where a segment is decoded before it is parsed. */
let scratch = Buffer.alloc(0);

/** As `parseSegment`, for a segment that is known to be ASCII: one that has been signed. */
export function parseAsciiSegment(segment: string): JsonObject {
  if (scratch.length < segment.length) scratch = Buffer.alloc(Math.max(segment.length, 8192));
  const length = scratch.write(segment, 0, "base64url");
  const value = isCanonical(segment, length) ? parseJsonObject(scratch, length) : undefined;
  if (value === undefined) throw new TokenError("malformed");
  return value;
}

/** A media type as it is compared: in lower case, without `application/` (RFC 7515 §4.1.9). */
export function mediaType(value: string): string {
  const lower = value.toLowerCase();
  return lower.startsWith("application/") && !lower.includes("/", 12) ? lower.slice(12) : lower;
}
