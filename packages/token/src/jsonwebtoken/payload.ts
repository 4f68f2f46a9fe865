/** The payload of a token: claims, or a text where the header does not say that it is a JWT. */
import { decodeBase64url, decodeUtf8 } from "../base64url.ts";
import { parseSegment } from "../compact.ts";
import type { JwtHeader, JwtPayload } from "./types.ts";

/** @throws TokenError `malformed` if the bytes are no text, or JSON that a strict reader refuses. */
export function readPayload(segment: string, { typ }: Pick<JwtHeader, "typ">): JwtPayload | string {
  try {
    return parseSegment(segment);
  } catch (error) {
    const bytes = decodeBase64url(segment);
    const text = bytes === undefined ? undefined : decodeUtf8(bytes);
    if (text === undefined || typ === "JWT" || isStructure(text)) throw error;
    return text;
  }
}

/** Whether a text is JSON for an object or an array. */
function isStructure(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON at all.
  }
  return typeof value === "object" && value !== null;
}
