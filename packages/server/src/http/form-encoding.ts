/**
 * One name or value of a form (WHATWG URL §5.1) as text. Undefined where it is not percent-encoded UTF-8 to the letter:
 * `URLSearchParams` would put U+FFFD in its place.
 */
export function decodeFormText(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
