// Forgetting sessions that are over, without ever holding up the others.

import type { Database } from "../database/database.ts";
import type { AgreedTime } from "../database/steady-clock.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import type { SessionLimits } from "./session.ts";

const dayMs = 86_400_000;

/**
 * Forgets sessions that ended or passed a limit more than a day ago, page by page. Returns how
 * many. A clock that jumps ahead makes no session old.
 */
export function createSessionPruning(
  database: Database,
  limits: SessionLimits,
  agreedTime: AgreedTime,
): (signal?: AbortSignal) => Promise<number> {
  const { db, now, dialect } = database;

  async function prunePage(after: string): Promise<Page<string>> {
    const { end, now: databaseMs } = await db
      .selectFrom((from) =>
        from
          .selectFrom("sessions")
          .select("sid")
          .where("sid", ">", after)
          .orderBy("sid")
          .limit(pageRows)
          .as("page"),
      )
      .select((on) => [on.fn.max("page.sid").as("end"), now().as("now")])
      .executeTakeFirstOrThrow();
    if (end === null) return { removed: 0, end: undefined };
    const nowMs = agreedTime(databaseMs);
    const before = (ageMs: number): number => Math.floor(nowMs - ageMs - dayMs);
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
      // Said here, too, so that PostgreSQL never reads the whole table to find what the page holds.
      .where("sid", ">", after)
      .where("sid", "<=", end)
      .where("sid", "in", (on) =>
        on
          .selectFrom("sessions")
          .select("sid")
          .where("sid", ">", after)
          .where("sid", "<=", end)
          .where((at) =>
            at.or([
              at("ended_at", "<", before(0)),
              at("renewed_at", "<", before(limits.idleSeconds * 1000)),
              at("authenticated_at", "<", before(limits.absoluteSeconds * 1000)),
            ]),
          )
          .$if(dialect === "postgres", (query) => query.forUpdate().skipLocked()),
      )
      .executeTakeFirst();
    return { removed: Number(numDeletedRows), end };
  }

  return (signal) => removeByPages("", prunePage, signal);
}
