/** Looking at a token without trusting it. */
import { assertText, parseSegment } from "./compact.ts";
import { TokenError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** What a token says of itself. Nobody has checked its signature: never decide anything by it. */
export interface Untrusted {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The third segment as it stands. */
  readonly signature: string;
}

/** In characters. */
const maxTokenLength = 2 ** 24;

/**
 * The parts of a token, for logs and inspectors. As strict about form as a verifier, and no stricter.
 *
 * @throws TokenError `malformed`, or `too_large` beyond 16,777,216 characters.
 */
export function decode(token: string): Untrusted {
  assertText(token, maxTokenLength);
  const segments = token.split(".", 4);
  if (segments.length !== 3) throw new TokenError("malformed");
  const [header, payload, signature] = segments as [string, string, string];
  return { header: parseSegment(header), payload: parseSegment(payload), signature };
}
