// A stream of the feed as an instance reports it.
import { isoTime } from "../iso-time.ts";
import { cursorText } from "../revocations/cursor.ts";
import type { FollowerState } from "../revocations/feed.ts";
import type { ReportedFollower } from "./report.ts";

export function reportedFollower(
  { follower, openMs, cursor, behind, lagMs }: FollowerState,
  nowMs: number,
): ReportedFollower {
  return {
    name: "name" in follower ? follower.name : null,
    address: "address" in follower ? follower.address : null,
    since: isoTime(nowMs - openMs),
    cursor: cursorText(cursor),
    behind,
    lag_seconds: Math.round(lagMs) / 1000,
  };
}
