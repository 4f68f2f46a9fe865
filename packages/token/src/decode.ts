/** Looking at a token without trusting it. */
import { parseSegment } from "./compact.ts";
import { TokenError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** What a token says of itself. Nobody has checked its signature: never decide anything by it. */
export interface Untrusted {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The third segment as it stands. */
  readonly signature: string;
}

/**
 * The parts of a token, for logs and inspectors. As strict about form as a verifier, and no stricter.
 *
 * @throws TokenError `malformed`, or `too_large` beyond 16,777,216 characters.
 */
export function decode(token: string): Untrusted {
  if (typeof token !== "string") throw new TokenError("malformed");
  if (token.length > 2 ** 24) throw new TokenError("too_large");
  const [header, payload, signature, ...rest] = token.split(".", 4);
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new TokenError("malformed");
  }
  return { header: parseSegment(header), payload: parseSegment(payload), signature };
}
