// Which passwords an account may have (NIST SP 800-63B-4 §3.1.1.2).
import { ServiceError } from "../errors.ts";
import { type PasswordBlocklist, emptyBlocklist } from "./blocklist.ts";
import { isCommonPassword } from "./common-passwords.ts";

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

export interface PasswordPolicy {
  /**
   * Judges a new password and answers what is to be hashed. `accountTexts` are what an attacker would
   * try for this account: its address, its owner's name.
   *
   * @throws ServiceError `password_*`
   */
  accept(password: string, accountTexts: readonly string[]): string;
}

export interface PasswordPolicyOptions {
  /** Code points, after NFC. */
  readonly minLength: number;
  /** What the app refuses beside what everybody tries. @default nothing */
  readonly blocklist?: PasswordBlocklist | undefined;
  /** What the service is called, for its words to be no password: its host, its audience. */
  readonly serviceNames?: readonly string[] | undefined;
}

export function createPasswordPolicy({
  minLength,
  blocklist = emptyBlocklist,
  serviceNames = [],
}: PasswordPolicyOptions): PasswordPolicy {
  return {
    accept(password, accountTexts) {
      const normal = normalisePassword(password);
      if (Array.from(normal).length < minLength) {
        throw new ServiceError("password_too_short", {
          detail: `At least ${minLength} characters; a few unrelated words make a good password.`,
        });
      }
      if (isCommonPassword(normal, [...accountTexts, ...serviceNames], blocklist)) {
        throw new ServiceError("password_too_common", {
          detail:
            "It is a common password or one that this service refuses, a repetition, a row of keys, or made of your " +
            "own name or address or of the name of this service.",
        });
      }
      return normal;
    },
  };
}
