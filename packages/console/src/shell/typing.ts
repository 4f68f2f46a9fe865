// Keys that lead somewhere, but not where somebody types.

/** Whether a key goes into a field. */
export function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest("input, textarea, select") !== null;
}
