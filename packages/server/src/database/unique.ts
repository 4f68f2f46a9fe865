// Whether a statement failed because a row with this key is there already.

/** SQLSTATE 23505, and SQLite's own codes. */
const codes: ReadonlySet<unknown> = new Set([
  "23505",
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
]);

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && codes.has(error.code);
}
