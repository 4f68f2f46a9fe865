// Values that are no secrets: words that people type, or copy from a page (KM-08).
import { isGuessableSecret } from "@countersign/token";

export const howToMakeSecret: string = `make one with: node -p 'crypto.randomBytes(32).toString("base64url")'`;

/** A word that stands in examples, in any case of letters. */
export function holdsExampleWord(text: string): boolean {
  return /changeme|password|example|secret/i.test(text);
}

/** Never a secret that was drawn at random, unless one of few words stands in it. */
export function isExampleSecret(secret: string): boolean {
  return holdsExampleWord(secret) || isGuessableSecret(secret);
}
