// New roles for an account's sessions: the tokens that state the old ones die, the sessions live
// on.

import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
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
  // The second after this one, or after the newest token of the session should the clock have
  // stepped back.
  const following = sql<number>`
    case when ${database.now()} / 1000 >= tokens_before then ${database.now()} / 1000 + 1 else tokens_before + 1 end
  `;
  const sessions = await change.db
    .updateTable("sessions")
    .set({ roles, tokens_before: following })
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
