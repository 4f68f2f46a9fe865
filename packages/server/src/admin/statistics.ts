// What an operator wants to see at a glance, of all instances together.
import type { AdminFollowersResponse, AdminStatisticsResponse } from "@countersign/client";
import type { Instances } from "../instances/instances.ts";
import type { InstanceReport, RecentLogins } from "../instances/report.ts";
import { isoTime } from "../iso-time.ts";
import { keptFor } from "./kept-answer.ts";
import type { StatisticsStore } from "./statistics-store.ts";

export type Statistics = () => Promise<AdminStatisticsResponse>;

export interface StatisticsOptions {
  readonly store: StatisticsStore;
  readonly instances: Pick<Instances, "all">;
  readonly nowMs?: (() => number) | undefined;
}

/** However often somebody asks, rows are counted once in so long. */
const keptMs = 60_000;
const mostShown = 1000;

export function createStatistics({ store, instances, nowMs = Date.now }: StatisticsOptions): Statistics {
  const amounts = keptFor(keptMs, async () => ({
    counted_at: isoTime(nowMs()),
    accounts: await store.accounts(),
    sessions: await store.sessions(),
  }));

  return async () => {
    const [counted, reports] = [await amounts(), await instances.all()];
    return {
      ...counted,
      instances: reports.length,
      followers: reports.reduce((sum, { followers }) => sum + followers.length, 0),
      logins: reports.map(({ logins }) => logins).reduce(sumOf),
    };
  };
}

function sumOf(one: RecentLogins, other: RecentLogins): RecentLogins {
  const failed = new Map(Object.entries(one.failed));
  for (const [code, count] of Object.entries(other.failed)) failed.set(code, (failed.get(code) ?? 0) + count);
  return {
    seconds: Math.max(one.seconds, other.seconds),
    succeeded: one.succeeded + other.succeeded,
    failed: Object.fromEntries(failed),
  };
}

/** Those first that have been behind the longest. */
export function followersOf(reports: readonly InstanceReport[]): AdminFollowersResponse {
  const all = reports.flatMap(({ id, followers }) => followers.map((one) => ({ instance: id, ...one })));
  const sorted = all.toSorted((one, other) => other.lag_seconds - one.lag_seconds);
  return { total: all.length, followers: sorted.slice(0, mostShown) };
}
