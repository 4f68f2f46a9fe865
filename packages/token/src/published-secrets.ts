/**
 * The secrets that every tutorial shows: long enough to be taken for real ones, and known to everybody (RFC 8725 §3.5).
 * Those that were drawn at random once are here because nothing else tells them from good ones.
 */
const publishedSecrets: ReadonlySet<string> = new Set([
  "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
  "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
  "a-string-secret-at-least-256-bits-long",
  "a-valid-string-secret-that-is-at-least-384-bits-long-for-hs384",
  "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
]);

export function isPublishedSecret(bytes: Uint8Array): boolean {
  return publishedSecrets.has(Buffer.from(bytes).toString("latin1"));
}
