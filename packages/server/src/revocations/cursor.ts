// A place in the revocation log, and how it is written.

export interface Cursor {
  /** Which log: random, and another one after a backup was restored. */
  readonly epoch: string;
  /** That of an entry; 0 before the first. */
  readonly number: number;
}

/**
 * How cursors are written: `EPOCH.NUMBER`, or for followers of the release before epochs the number
 * alone, which is all that they read.
 */
export type CursorStyle = "epoch" | "number";

export function cursorText({ epoch, number }: Cursor, style: CursorStyle = "epoch"): string {
  return style === "number" ? String(number) : `${epoch}.${number}`;
}

export function isSameCursor(one: Cursor, other: Cursor): boolean {
  return one.number === other.number && one.epoch === other.epoch;
}

/**
 * What a follower sent as its cursor. A number alone is taken to be of `present`, the epoch of now:
 * whoever sends it knows no other. Undefined for anything that is no cursor.
 */
export function readCursor(
  text: string,
  present: string,
): { readonly cursor: Cursor; readonly style: CursorStyle } | undefined {
  const [, epoch, digits] = /^(?:([\w-]{1,64})\.)?(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const style = epoch === undefined ? "number" : "epoch";
  return { cursor: { epoch: epoch ?? present, number: Number(digits) }, style };
}
