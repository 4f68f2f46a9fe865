/** Strict base64url: one text for each sequence of bytes (RFC 7515 §2, RFC 4648 §5). */
import { isUtf8 } from "node:buffer";

/** Base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** The UTF-8 bytes of a text as base64url. */
export function encodeText(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

/**
 * The bytes of a canonical base64url text, or undefined for any other string.
 *
 * Encoding the bytes again must give the same text. That refuses padding, white space, the `+/` alphabet, foreign
 * characters, impossible lengths and non-zero trailing bits in one comparison, whatever the decoder tolerates.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** The text of UTF-8 bytes, or undefined if they are none (RFC 3629 §3). A byte order mark stays. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  // Only where something was replaced, or the replacement character itself was sent, must the bytes be looked at again.
  return text.includes("\ufffd") && !isUtf8(bytes) ? undefined : text;
}
