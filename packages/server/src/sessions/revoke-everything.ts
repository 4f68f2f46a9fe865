// Outdating every access token that was issued until now.

import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { greatest } from "../database/greatest.ts";
import type { GlobalRevocation } from "../database/revocation-entry.ts";
import { endDatedAhead } from "./ending.ts";

/**
 * Every access token issued until now is dead; sessions go on, with tokens of the next second, but
 * for those that have tokens of the future, which end.
 */
export async function revokeEverything(database: Database, origin: Origin = {}): Promise<GlobalRevocation> {
  const { now, revocationSeconds } = database;
  return database.change(async (change) => {
    await endDatedAhead(database, change);
    // The second after the newest token: of this second, or one that is dated ahead because of an
    // earlier call in this one, or because the clock was set back a little.
    const newest = await change.db
      .selectFrom("sessions")
      .select((on) => [on.fn.max("renewed_at").as("at"), on.fn.max("tokens_before").as("tokens_before")])
      .where("kind", "=", "token")
      .where("ended_at", "is", null)
      .executeTakeFirstOrThrow();
    const newestSeconds = Math.max(Math.floor((newest.at ?? 0) / 1000), newest.tokens_before ?? 0);
    const latest = greatest(database, sql`${now()} / 1000`, sql`tokens_before`, sql.lit(newestSeconds));
    const { tokens_before: tokensBefore } = await change.db
      .updateTable("journal")
      .set({ tokens_before: sql<number>`${latest} + 1` })
      .returning("tokens_before")
      .executeTakeFirstOrThrow();
    const entry = { tokensBefore, expiresAt: tokensBefore + revocationSeconds };
    change.revoke(entry);
    change.record({ event: "everything_revoked", ...origin, detail: { tokens_before: tokensBefore } });
    return entry;
  });
}
