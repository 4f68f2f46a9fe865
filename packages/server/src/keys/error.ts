// The one error of everything that keeps keys: the master key, sealing, the signing keys.

import { KernelError } from "../errors.ts";

/**
 * Why keys could not be used. Messages are sentences for the operator: what is wrong and what to
 * do. They name files and key ids, and never a byte of key material.
 *
 * - `master_key_missing`: there is data, but not the key that sealed it
 * - `master_key_malformed`: not 32 bytes in base64url
 * - `master_key_weak`: 32 bytes that somebody typed, copied from an example, or counted up
 * - `master_key_exposed`: the file, or its folder, is not this user's alone
 * - `master_key_wrong`: a good key, but not the one that this database was sealed under
 * - `sealed_unreadable`: a sealed value was changed, moved to another row, or sealed under another
 *   key
 * - `key_unknown`: no signing key has this id, or it is erased
 * - `key_secret`: the key is a secret, which has no public half to show
 * - `key_conflict`: another instance changed the signing keys at the same moment
 * - `keys_stale`: the signing keys could not be read for so long that signing with the last ones is
 *   not safe
 */
export type KeyErrorCode =
  | "master_key_missing"
  | "master_key_malformed"
  | "master_key_weak"
  | "master_key_exposed"
  | "master_key_wrong"
  | "sealed_unreadable"
  | "key_unknown"
  | "key_secret"
  | "key_conflict"
  | "keys_stale";

export class KeyError extends KernelError {
  override readonly name = "KeyError";
  override readonly code: KeyErrorCode;
  override readonly isTemporary: boolean;

  constructor(code: KeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.isTemporary = code === "keys_stale";
  }
}
