// The device that a session was opened on, as its owner will know it again.

import type { Origin } from "../database/audit-event.ts";

/** Where a session was opened from; shown to its owner. */
export interface Device {
  readonly userAgent: string | null;
  readonly address: string | null;
}

const maxUserAgentLength = 256;

/** Where a session is opened from, as its owner will see it. */
export function deviceOf(userAgent: string | undefined, origin: Origin): Device {
  return { userAgent: userAgent?.slice(0, maxUserAgentLength) ?? null, address: origin.address ?? null };
}
