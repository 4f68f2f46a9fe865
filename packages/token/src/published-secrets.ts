/** The secrets that every tutorial shows: long enough to be taken for real ones, and known to everybody (RFC 8725 §3.5). */
const publishedSecrets: ReadonlySet<string> = new Set([
  "a-string-secret-at-least-256-bits-long",
  "a-valid-string-secret-that-is-at-least-384-bits-long-for-hs384",
  "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
]);

export function isPublishedSecret(bytes: Uint8Array): boolean {
  return publishedSecrets.has(Buffer.from(bytes).toString("latin1"));
}
