// What the store fails with, where the outcome of a verb is not an answer.

/**
 * - `locked`: another process has the SQLite file open
 * - `unreadable`: the file is no database of ours, or cannot be opened
 */
export type StoreErrorCode = "locked" | "unreadable";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
