// How many logins succeeded and failed here within the last hour.
import type { RecentLogins } from "./report.ts";

export interface RecentLoginCounts {
  /** `succeeded`, or the code of the refusal. */
  count(outcome: string): void;
  counts(): RecentLogins;
}

const minuteMs = 60_000;
const minutes = 60;

/** Counted by the minute, so that an hour takes the memory of sixty, whoever logs in. */
export function createRecentLogins(nowMs: () => number = () => performance.now()): RecentLoginCounts {
  const startedAtMs = nowMs();
  const byMinute = new Map<number, Map<string, number>>();

  function present(): number {
    const minute = Math.floor(nowMs() / minuteMs);
    for (const old of byMinute.keys()) {
      if (old > minute - minutes) break;
      byMinute.delete(old);
    }
    return minute;
  }

  return {
    count(outcome) {
      const minute = present();
      const counts = byMinute.get(minute) ?? new Map<string, number>();
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      byMinute.set(minute, counts);
    },

    counts() {
      present();
      const sums = new Map<string, number>();
      for (const counts of byMinute.values())
        for (const [outcome, count] of counts) sums.set(outcome, (sums.get(outcome) ?? 0) + count);
      const { succeeded = 0, ...failed } = Object.fromEntries(sums);
      const ranMs = Math.min(nowMs() - startedAtMs, minutes * minuteMs);
      return { seconds: Math.round(ranMs / 1000), succeeded, failed };
    },
  };
}
