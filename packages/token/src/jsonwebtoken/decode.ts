/** `decode` as in jsonwebtoken 9: looks at a token without trusting it. */
import { parseSegment } from "../compact.ts";
import { readPayload } from "./payload.ts";
import type { DecodeOptions, Jwt, JwtHeader, JwtPayload } from "./types.ts";

/**
 * What a token says of itself, or null if it is not well-formed. Nobody has checked its signature: never decide
 * anything by it.
 */
export function decode(token: string, options: DecodeOptions & { complete: true }): Jwt | null;
export function decode(token: string, options: DecodeOptions & { json: true }): JwtPayload | null;
export function decode(token: string, options?: DecodeOptions): JwtPayload | string | null;
export function decode(token: string, options?: DecodeOptions | null): Jwt | JwtPayload | string | null {
  if (typeof token !== "string") return null;
  const segments = token.split(".", 4);
  if (segments.length !== 3) return null;
  const [first, second, signature] = segments as [string, string, string];
  try {
    const header = parseSegment(first) as JwtHeader;
    const payload = readPayload(second, options?.json === true ? { typ: "JWT" } : header);
    return options?.complete === true ? { header, payload, signature } : payload;
  } catch {
    return null;
  }
}
