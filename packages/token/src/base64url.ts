/** Strict base64url: one text for each sequence of bytes (RFC 7515 §2, RFC 4648 §5). */

/** Base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
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

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined if they are none (RFC 3629 §3). A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
