// Which passwords an account may have (NIST SP 800-63B-4 §3.1.1.2).
import { ServiceError } from "../errors.ts";
import { isCommonPassword } from "./common-passwords.ts";

/** For accounts without a second factor. Counted in code points. */
export const minPasswordLength = 15;
export const maxPasswordBytes = 4096;

/**
 * The form in which a password is hashed: NFC and nothing else. Never trimmed, folded or cut.
 *
 * @throws ServiceError `password_invalid`, `password_too_long`
 */
export function normalisePassword(password: string): string {
  // An unpaired surrogate would become U+FFFD in UTF-8, and different passwords the same.
  if (!password.isWellFormed()) throw new ServiceError("password_invalid");
  const normal = password.normalize("NFC");
  if (Buffer.byteLength(normal) > maxPasswordBytes) {
    throw new ServiceError("password_too_long", { detail: `At most ${maxPasswordBytes} bytes in UTF-8.` });
  }
  return normal;
}

/**
 * Judges a new password. `contextTexts` are what an attacker would try for this account: its address,
 * its owner's name, what the service is called.
 *
 * @throws ServiceError `password_*`
 */
export function acceptNewPassword(password: string, contextTexts: readonly string[]): string {
  const normal = normalisePassword(password);
  const length = Array.from(normal).length;
  if (length < minPasswordLength) {
    throw new ServiceError("password_too_short", {
      detail: `At least ${minPasswordLength} characters; a few unrelated words make a good password.`,
    });
  }
  if (isCommonPassword(normal, contextTexts)) {
    throw new ServiceError("password_too_common", {
      detail:
        "It is a common password, a repetition, a row of keys, or made of your own name or address or of the name of this service.",
    });
  }
  return normal;
}
