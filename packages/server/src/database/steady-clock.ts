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
  database: Pick<Database, "db" | "now">,
  steadyMs: () => number = () => performance.now(),
): Promise<AgreedTime> {
  const start = steadyMs();
  const row = await lastEventAndNow(database);
  const startedAtMs = Math.min(row.now, row.at ?? row.now);
  return (databaseMs) => Math.min(databaseMs, startedAtMs + steadyMs() - start);
}

/** When the last event of the trail was written (null: there is none), and how late it is, in milliseconds. */
export async function lastEventAndNow({ db, now }: Pick<Database, "db" | "now">): Promise<{
  readonly at: number | null;
  readonly now: number;
}> {
  return (
    db
      .selectFrom("journal")
      // No join: while PostgreSQL has no statistics of the journal, it would read the whole trail for one.
      .select((on) =>
        on.selectFrom("audit").select("audit.at").whereRef("audit.seq", "=", "journal.audit_seq").as("at"),
      )
      .select(now().as("now"))
      .executeTakeFirstOrThrow()
  );
}
