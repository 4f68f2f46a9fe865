// Forgetting sessions that are over, without ever holding up the others.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { AgreedTime } from "../database/steady-clock.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import type { SessionLimits } from "./session.ts";

const dayMs = 86_400_000;

/** How far a walk through the sessions has come. */
type Place = string | number;

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

  // SQLite keeps rows in the order in which they came, so a page of them is a few pages of the file. PostgreSQL has no
  // such order to go on from.
  const place = dialect === "sqlite" ? sql<Place>`rowid` : sql<Place>`sid`;

  async function prunePage(after: Place): Promise<Page<Place>> {
    const { end, now: databaseMs } = await db
      .selectFrom((from) =>
        from
          .selectFrom("sessions")
          .select(place.as("place"))
          .where(place, ">", after)
          .orderBy(place)
          .limit(pageRows)
          .as("page"),
      )
      .select((on) => [on.fn.max("page.place").as("end"), now().as("now")])
      .executeTakeFirstOrThrow();
    if (end === null) return { removed: 0, end: undefined };
    const nowMs = agreedTime(databaseMs);
    const before = (ageMs: number): number => Math.floor(nowMs - ageMs - dayMs);
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
      // Said here, too, so that PostgreSQL never reads the whole table to find what the page holds.
      .where(place, ">", after)
      .where(place, "<=", end)
      .where("sid", "in", (on) =>
        on
          .selectFrom("sessions")
          .select("sid")
          .where(place, ">", after)
          .where(place, "<=", end)
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

  return (signal) => removeByPages<Place>(dialect === "sqlite" ? 0 : "", prunePage, signal);
}
