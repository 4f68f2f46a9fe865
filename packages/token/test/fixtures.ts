/** Keys, tokens and forgeries for tests. Forgeries are made with `node:crypto`, never with the engine. */
import crypto from "node:crypto";
import { type Key, secretKey, TokenError } from "../src/index.ts";

export const issuer = "https://auth.example.com";
export const audience = "https://api.example.com";

/** The time of all tests that have a clock, in seconds. */
export const now = 1_800_000_000;

/** The same secret for the same number. */
export function secretBytes(number = 1, length = 64): Uint8Array {
  return new Uint8Array(length).fill(number);
}

export function makeSecret(kid?: string, number = 1): Key {
  return secretKey("HS256", secretBytes(number), { kid });
}

/** Claims of a token that is good at `now`. */
export const goodClaims = { iss: issuer, aud: audience, sub: "user-1", iat: now, exp: now + 60 };

interface Forgery {
  /** An object, or the text or bytes to use in its place. */
  readonly header?: object | string | Uint8Array;
  readonly payload?: object | string | Uint8Array;
  readonly secret?: string | Uint8Array;
}

/** A token of any parts, with an HMAC that holds under the secret. */
export function forge({
  header = { alg: "HS256", typ: "at+jwt" },
  payload = goodClaims,
  secret = secretBytes(),
}: Forgery): string {
  return seal(`${segment(header)}.${segment(payload)}`, secret);
}

/** A signing input with an HMAC that holds under the secret. */
export function seal(input: string, secret: string | Uint8Array = secretBytes()): string {
  return `${input}.${crypto.createHmac("sha256", secret).update(input).digest("base64url")}`;
}

export function segment(content: object | string | Uint8Array): string {
  const bytes =
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return Buffer.from(bytes).toString("base64url");
}

/** Why something is refused: the code, and the claim at fault if there is one. */
export function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return error.claim === undefined ? error.code : `${error.code} ${error.claim}`;
  }
  return "accepted";
}
