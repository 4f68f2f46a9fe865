// New roles for an account's sessions: the tokens that state the old ones die, the sessions live
// on.

import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
import { greatest } from "../database/greatest.ts";
import { endDatedAhead } from "./ending.ts";
import type { SessionRevocation } from "../database/revocation-entry.ts";

/**
 * Gives every live session of the user new roles, and outdates the access tokens that state the old
 * ones. The user's row must be held.
 */
export async function refreshRolesOf(
  database: Database,
  change: Change,
  userId: string,
  roles: string,
): Promise<void> {
  await endDatedAhead(database, change, userId);
  // The second after this one, or after the newest token of the session should the clock have
  // stepped back: none is dated later than the renewal it came from, or than `tokens_before`.
  const newest = greatest(
    database,
    sql`${database.now()} / 1000`,
    sql`case when kind = 'token' then renewed_at / 1000 else 0 end`,
    sql`case when kind = 'token' then coalesce(pending_at, 0) / 1000 else 0 end`,
    sql`tokens_before`,
    sql`(select tokens_before from ${sql.table("journal")})`,
  );
  const sessions = await change.db
    .updateTable("sessions")
    .set({ roles, tokens_before: sql<number>`${newest} + 1` })
    .where("user_id", "=", userId)
    .where("ended_at", "is", null)
    .returning(["sid", "kind", "tokens_before"])
    .execute();
  for (const { sid, kind, tokens_before: tokensBefore } of sessions) {
    if (kind !== "token") continue;
    const entry: SessionRevocation = {
      sid,
      tokensBefore,
      expiresAt: tokensBefore + database.revocationSeconds,
    };
    change.revoke(entry);
  }
}
