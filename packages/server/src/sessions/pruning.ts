// Forgetting sessions that are over, without ever holding up the others.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import type { SessionLimits } from "./session.ts";

const dayMs = 86_400_000;

/**
 * Forgets sessions that ended or passed a limit more than a day ago, page by page. Returns how
 * many.
 */
export function createSessionPruning(
  database: Database,
  limits: SessionLimits,
): (signal?: AbortSignal) => Promise<number> {
  const { db, now, dialect } = database;

  async function prunePage(after: string): Promise<Page<string>> {
    const { end } = await db
      .selectFrom((from) =>
        from
          .selectFrom("sessions")
          .select("sid")
          .where("sid", ">", after)
          .orderBy("sid")
          .limit(pageRows)
          .as("page"),
      )
      .select((on) => on.fn.max("page.sid").as("end"))
      .executeTakeFirstOrThrow();
    if (end === null) return { removed: 0, end: undefined };
    const before = (ageMs: number) => sql<number>`${now()} - ${sql.lit(ageMs + dayMs)}`;
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
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
