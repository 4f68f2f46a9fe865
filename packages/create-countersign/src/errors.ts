// What is wrong with a choice, in a sentence for whoever made it.

/**
 * - `choice_unknown`: there is no such framework, database or shape
 * - `choice_not_available`: these choices do not go together yet
 * - `name_invalid`: the folder's name cannot be the name of a package
 * - `folder_not_empty`: something stands there already
 * - `folder_not_made`: the folder, or one above it, cannot be made
 * - `choice_missing`: nobody can be asked, and `--yes` does not say to take what is usual
 */
export type CreateErrorCode =
  | "choice_unknown"
  | "choice_not_available"
  | "name_invalid"
  | "folder_not_empty"
  | "folder_not_made"
  | "choice_missing";

/** A project that cannot be made; the message says why and what to do. */
export class CreateError extends Error {
  override readonly name = "CreateError";
  readonly code: CreateErrorCode;

  constructor(code: CreateErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
