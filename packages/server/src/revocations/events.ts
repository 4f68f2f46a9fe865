// The events of the feed as text (WHATWG HTML §9.2). Each has an id, the cursor up to which its
// reader has now been told everything, so that whoever resumes after any of them misses nothing.
import { type Cursor, cursorText, type CursorStyle } from "./cursor.ts";
import { revocationOf } from "./follower.ts";
import type { NumberedRevocation } from "./store.ts";

/** What there is after the cursor of the one before. */
export function revocationEvents(
  epoch: string,
  entries: readonly NumberedRevocation[],
  style: CursorStyle,
): string {
  return entries
    .map(({ seq, entry }) => event("revocation", { epoch, number: seq }, style, revocationOf(entry)))
    .join("");
}

/** The log ends here, and did a second ago. */
export function heartbeatEvent(end: Cursor, style: CursorStyle): string {
  return event("heartbeat", end, style, { cursor: cursorText(end, style) });
}

/** What lies before is not to be had without a gap: take the list. What follows are the entries after `end`. */
export function resetEvent(end: Cursor, style: CursorStyle): string {
  return event("reset", end, style, { cursor: cursorText(end, style) });
}

function event(name: string, id: Cursor, style: CursorStyle, data: object): string {
  return `id: ${cursorText(id, style)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
