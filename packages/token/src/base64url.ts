/** Strict base64url: one text for each sequence of bytes (RFC 7515 §2, RFC 4648 §5). */
import { isUtf8 } from "node:buffer";

/** Characters of `bytes` bytes in base64url. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** Where texts become bytes before they are encoded. */
let scratch = Buffer.alloc(0);

/** The UTF-8 bytes of a text as base64url. */
export function encodeText(text: string): string {
  if (scratch.length < text.length * 3) scratch = Buffer.alloc(Math.max(text.length * 3, 8192));
  return scratch.toString("base64url", 0, scratch.write(text, 0, "utf8"));
}

/** The bytes of a canonical base64url text, or undefined for any other string. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return isAscii(text) && isCanonical(text, bytes.length) ? bytes : undefined;
}

/** Whether a string has only characters of one byte in UTF-8. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, "utf8") === text.length;
}

/** By the length of a text modulo 4, the last characters that leave no bit of the last byte unused but zero ones. */
const canonicalEnds: readonly (string | undefined)[] = [undefined, "", "AQgw", "AEIMQUYcgkosw048"];

/**
 * Whether ASCII text is the canonical encoding of the bytes it was decoded to, of which it takes their number to tell.
 *
 * A decoder that tolerates padding, white space or foreign characters skips them or stops there, and so gives fewer
 * bytes than as many good characters hold. It may take `+` and `/` too. (Outside of ASCII it may take a character for
 * another: Node's reads `ī`, U+012B, as `+`.)
 */
export function isCanonical(text: string, byteLength: number): boolean {
  const ends = canonicalEnds[text.length % 4];
  return (
    byteLength === Math.floor((text.length * 3) / 4) &&
    (ends === undefined || ends.includes(text.charAt(text.length - 1))) &&
    !text.includes("+") &&
    !text.includes("/")
  );
}

/**
 * The text of the first `length` bytes, or undefined if they are not UTF-8 (RFC 3629 §3). A byte order mark stays.
 */
export function decodeUtf8(bytes: Buffer, length: number = bytes.length): string | undefined {
  const text = bytes.toString("utf8", 0, length);
  // Only where something was replaced, or the replacement character itself was sent, must the bytes be looked at again.
  return text.includes("\ufffd") && !isUtf8(bytes.subarray(0, length)) ? undefined : text;
}
