// The errors that the store raises when the database itself is in the way. Outcomes of verbs are
// values, never errors.

import { KernelError } from "../errors.ts";

/**
 * Why the database could not be used.
 *
 * - `unavailable`: it is gone, too slow, full or refusing connections; the same call may succeed
 *   later (503 + Retry-After). If it was lost while committing, the change may or may not have
 *   happened: every verb is safe to repeat.
 * - `cannot_open`: the SQLite file or its folder cannot be made, read or written, or PostgreSQL lets
 *   us make no tables.
 * - `locked_by_other_process`: another process has this SQLite file open.
 * - `unsafe_permissions`: the SQLite file or its folder can be read or changed by others.
 * - `unsupported_filesystem`: the SQLite file lies on a network file system, where its locks do not
 *   hold.
 * - `foreign_table`: a table of somebody else stands where one of ours should be.
 * - `unknown_history`: the database was copied here from another PostgreSQL cluster.
 * - `not_a_database`: the file is not an SQLite database, or a damaged one.
 */
export type StoreErrorCode =
  | "unavailable"
  | "cannot_open"
  | "locked_by_other_process"
  | "unsafe_permissions"
  | "unsupported_filesystem"
  | "foreign_table"
  | "unknown_history"
  | "not_a_database";

export class StoreError extends KernelError {
  override readonly name = "StoreError";
  override readonly code: StoreErrorCode;
  override readonly isTemporary: boolean;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // A running server that meets another history answers 503 until somebody says what became of it.
    this.isTemporary = code === "unavailable" || code === "unknown_history";
  }
}
