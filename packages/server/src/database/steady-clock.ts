// How late it is at least, for those who forget by the clock: one that jumps ahead must not make
// them forget what still counts.
import type { Database } from "./database.ts";

/** Of what the database's clock says, so much as a clock that cannot be set agrees to. */
export type AgreedTime = (databaseMs: number) => number;

/**
 * Counts from the last event of the trail, or from now where that is earlier: the clock may be ahead
 * already when a process starts. So whoever was away for a month forgets a month later, which harms
 * nobody.
 */
export async function agreeOnTime(
  { db, now }: Pick<Database, "db" | "now">,
  steadyMs: () => number = () => performance.now(),
): Promise<AgreedTime> {
  const start = steadyMs();
  const row = await db
    .selectFrom("journal")
    .leftJoin("audit", "audit.seq", "journal.audit_seq")
    .select(["audit.at", now().as("now")])
    .executeTakeFirstOrThrow();
  const startedAtMs = Math.min(row.now, row.at ?? row.now);
  return (databaseMs) => Math.min(databaseMs, startedAtMs + steadyMs() - start);
}
