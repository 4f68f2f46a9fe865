/** Secrets for tests. */

/** The same secret for the same number. */
export function secretBytes(number = 1, length = 64): Uint8Array {
  return new Uint8Array(length).fill(number);
}
