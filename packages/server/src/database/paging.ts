// Walking through a table in pages, so that no statement grows with the table and everybody else
// has their turn between two.

import { setTimeout } from "node:timers/promises";

/**
 * Rows looked at by one statement: some milliseconds of work, for which on SQLite the whole process
 * waits.
 */
export const pageRows = 100;

/**
 * About as long as a page takes, so that a walk through a large table is never most of what a
 * process does.
 */
const pauseMs = 5;

export interface Page<Key> {
  readonly removed: number;
  /** Where the page ended; undefined if it was the last one. */
  readonly end: Key | undefined;
}

/**
 * Calls `page` from the first row to the last, or until the signal is aborted. Returns how many
 * rows were removed.
 */
export async function removeByPages<Key>(
  start: Key,
  page: (after: Key) => Promise<Page<Key>>,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  let after = start;
  for (;;) {
    if (signal?.aborted === true) return removed;
    const { removed: count, end } = await page(after);
    removed += count;
    if (end === undefined) return removed;
    after = end;
    await setTimeout(pauseMs);
  }
}
