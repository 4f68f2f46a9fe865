// base64url without padding (RFC 7515 §2), one spelling for every text.

export function encodeBytes(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function encodeText(text: string): string {
  return encodeBytes(new TextEncoder().encode(text));
}

/** `undefined` for text that is not base64url, or that no encoder would write this way. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return encodeBytes(bytes) === text ? bytes : undefined;
}
