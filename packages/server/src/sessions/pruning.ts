// Forgetting sessions that are over, without ever holding up the others.

import { sql, type ExpressionBuilder, type ExpressionWrapper, type SqlBool } from "kysely";
import type { Database } from "../database/database.ts";
import type { AgreedTime } from "../database/steady-clock.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import type { Tables } from "../database/tables.ts";
import type { SessionLimits } from "./session.ts";

const dayMs = 86_400_000;
/** Of PostgreSQL's table, 8 KB each: up to about `pageRows` sessions. */
const pageBlocks = 4;

/**
 * Forgets sessions that ended or passed a limit more than a day ago, page by page. Returns how
 * many. A clock that jumps ahead makes no session old.
 *
 * Pages are of the table as it lies in its file: in the order of their random ids each of a hundred sessions among
 * millions would be another block to read. Who moves meanwhile is found the next time.
 */
export function createSessionPruning(
  database: Database,
  limits: SessionLimits,
  agreedTime: AgreedTime,
): (signal?: AbortSignal) => Promise<number> {
  const { db, now, dialect } = database;

  function isOver(
    on: ExpressionBuilder<Tables, "sessions">,
    databaseMs: number,
  ): ExpressionWrapper<Tables, "sessions", SqlBool> {
    const nowMs = agreedTime(databaseMs);
    const before = (ageMs: number): number => Math.floor(nowMs - ageMs - dayMs);
    return on.or([
      on("ended_at", "<", before(0)),
      on("renewed_at", "<", before(limits.idleSeconds * 1000)),
      on("authenticated_at", "<", before(limits.absoluteSeconds * 1000)),
    ]);
  }

  async function pruneRows(after: number): Promise<Page<number>> {
    const rowid = sql<number>`rowid`;
    const { end, now: databaseMs } = await db
      .selectFrom((from) =>
        from
          .selectFrom("sessions")
          .select(rowid.as("place"))
          .where(rowid, ">", after)
          .orderBy(rowid)
          .limit(pageRows)
          .as("page"),
      )
      .select((on) => [on.fn.max("page.place").as("end"), now().as("now")])
      .executeTakeFirstOrThrow();
    if (end === null) return { removed: 0, end: undefined };
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
      .where(rowid, ">", after)
      .where(rowid, "<=", end)
      .where((on) => isOver(on, databaseMs))
      .executeTakeFirst();
    return { removed: Number(numDeletedRows), end };
  }

  async function pruneBlocks(start: number): Promise<Page<number>> {
    const end = start + pageBlocks;
    const place = (block: number) => sql`${`(${block},0)`}::tid`;
    const { blocks, now: databaseMs } = await db
      .selectFrom("journal")
      .select((on) => [
        sql<number | null>`pg_relation_size(${on
          .selectFrom("sessions")
          .select(sql`tableoid`.as("oid"))
          .orderBy("sid")
          .limit(1)})
          / current_setting('block_size')::bigint`.as("blocks"),
        now().as("now"),
      ])
      .executeTakeFirstOrThrow();
    const over = db
      .selectFrom("sessions")
      .select(sql`ctid`.as("ctid"))
      .where(sql<SqlBool>`ctid >= ${place(start)} and ctid < ${place(end)}`)
      .where((on) => isOver(on, databaseMs))
      .forUpdate()
      .skipLocked();
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
      .where(sql<SqlBool>`ctid = any(array(${over}))`)
      .executeTakeFirst();
    return { removed: Number(numDeletedRows), end: end < (blocks ?? 0) ? end : undefined };
  }

  return (signal) => removeByPages(0, dialect === "sqlite" ? pruneRows : pruneBlocks, signal);
}
