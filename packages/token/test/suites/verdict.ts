/** What the engine says to a token of which only the signature is of interest. */
import { decodeBase64url } from "../../src/base64url.ts";
import { assertText, createOpener } from "../../src/compact.ts";
import { type KeySet, TokenError } from "../../src/index.ts";

/** The bytes of the payload, if the token is well-formed and its signature holds. */
export function openToken(keys: KeySet, token: unknown): Uint8Array | undefined {
  try {
    assertText(token, 100_000);
    return decodeBase64url(createOpener(keys, null)(token).payload);
  } catch (error) {
    if (error instanceof TokenError) return undefined;
    throw error;
  }
}

/** What `make` gives, or undefined if it refuses with a TypeError, as the engine does for keys. */
export function unlessRefused<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
