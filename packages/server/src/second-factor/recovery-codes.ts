// Recovery codes: 16 characters each, for when the other factors are out of reach.
import { createHmac, type KeyObject } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";

export const recoveryCodeCount = 10;

/** Crockford's base 32: no letter that looks like a digit. 16 of them are 80 bits. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const codeLength = 16;
const codeForm = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** Ten codes as people see them: `7Q2M-XK0V-RT9C-HD4N`. */
export function newRecoveryCodes(randomBytes: RandomBytes = systemRandomBytes): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const letters = Array.from(randomBytes(codeLength), (byte) => alphabet[byte % alphabet.length]).join("");
    return letters.replaceAll(/(.{4})(?=.)/g, "$1-");
  });
}

/** Undefined for what cannot be one. Crockford reads O as 0, I and L as 1, and does not mind case or hyphens. */
function readRecoveryCode(text: string): string | undefined {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return codeForm.test(letters) ? letters : undefined;
}

/**
 * What the database keeps of a code: an HMAC under a key that it does not have, bound to the account. A copy of the
 * database alone is nothing to guess at.
 */
export function hashRecoveryCode(key: KeyObject, userId: string, text: string): string | undefined {
  const code = readRecoveryCode(text);
  if (code === undefined) return undefined;
  return createHmac("sha256", key).update(`${userId}\0${code}`).digest("base64url");
}
