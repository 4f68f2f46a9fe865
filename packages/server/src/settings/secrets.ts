// What is no secret: words that people type, or copy from a page (KM-08).

export const howToMakeSecret: string = `make one with: node -p 'crypto.randomBytes(32).toString("base64url")'`;

/** A word that stands in examples, in any case of letters. */
export function holdsExampleWord(text: string): boolean {
  return /changeme|password|example|secret/i.test(text);
}

/** Of 32 random characters, hexadecimal ones included, about 14 differ. */
export function isExampleSecret(secret: string): boolean {
  return new Set(secret).size < 8 || holdsExampleWord(secret);
}
