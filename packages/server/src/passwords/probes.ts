// Hashes that no account has, by which a machine is measured: one for each family, large enough to meet its memory as those
// of accounts do.
import { readStoredHash, type Scheme, type SchemeFamily } from "./stored-hash.ts";

/** Each as often: the quickest counts. */
export const probeRounds = 3;

/**
 * As often at the most before something is refused by it: where a clock measures the rounds, a busy machine makes them
 * slower, and none faster.
 */
export const refusingRounds = 12;

const texts: Readonly<Record<SchemeFamily, string>> = {
  argon2: `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${"A".repeat(43)}`,
  bcrypt: `$2b$06$${"a".repeat(53)}`,
  scrypt: `$scrypt$ln=14,r=8,p=1$${"A".repeat(22)}$${"A".repeat(43)}`,
  "pbkdf2-sha1": `$pbkdf2-sha1$i=10000$${"A".repeat(22)}$${"A".repeat(27)}`,
  "pbkdf2-sha256": `$pbkdf2-sha256$i=10000$${"A".repeat(22)}$${"A".repeat(43)}`,
  "pbkdf2-sha512": `$pbkdf2-sha512$i=10000$${"A".repeat(22)}$${"A".repeat(86)}`,
};

export function probeOf(family: SchemeFamily): { readonly text: string; readonly scheme: Scheme } {
  const text = texts[family];
  const read = readStoredHash(text);
  if (read === undefined) throw new TypeError(`the probe of ${family} is no hash`);
  return { text, scheme: read.scheme };
}
