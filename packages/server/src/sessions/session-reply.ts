// A session as whoever may see it sees it.
import type { SessionResponse } from "@countersign/client";
import { isoTime } from "../iso-time.ts";
import type { SessionEntry } from "./session.ts";

/** `askingSid`: the session that asks. */
export function sessionOf(session: SessionEntry, askingSid: string): SessionResponse {
  return {
    id: session.sid,
    kind: session.kind,
    device: session.device.userAgent,
    address: session.device.address,
    created_at: isoTime(session.openedAtMs),
    last_used_at: isoTime(session.lastUsedAtMs),
    current: session.sid === askingSid,
  };
}
