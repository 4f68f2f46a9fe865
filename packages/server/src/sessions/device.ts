// Where a session is opened from, as its owner will see it.
import type { Origin } from "../audit/trail.ts";
import type { Device } from "./rows.ts";

/** The client of logins at our own endpoint: the API's own front ends. */
export const firstPartyClientId = "first-party";

const maxUserAgentLength = 256;

export function deviceOf(userAgent: string | undefined, origin: Origin): Device {
  return { userAgent: userAgent?.slice(0, maxUserAgentLength) ?? null, address: origin.address ?? null };
}
