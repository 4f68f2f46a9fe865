// The use of an invitation: part of the transaction that makes the account.
import type { Change, Database } from "../database/database.ts";
import { consumeCode, type FoundCode, killCodesAbout } from "../one-time-codes/store.ts";
import { holdUsers } from "../sessions/ending.ts";

/** What an account is made with. */
export interface TakenInvitation {
  readonly id: string;
  readonly roles: readonly string[];
  readonly invitedBy: string | null;
}

/**
 * Takes the invitation of this address. Undefined: it is over, another request was first, or whoever invited may not give
 * these roles any more. Then the whole transaction must be undone.
 */
export type TakeInvitation = (
  change: Change,
  code: FoundCode,
  addressKey: string,
) => Promise<TakenInvitation | undefined>;

/** `mayInvite`: whether somebody with the roles `own` may invite others to `roles`. */
export function createTakeInvitation(
  database: Database,
  mayInvite: (own: readonly string[], roles: readonly string[]) => boolean,
): TakeInvitation {
  const { now } = database;
  return async (change, code, addressKey) => {
    const row = await change.db
      .deleteFrom("invitations")
      .where("id", "=", code.subject ?? "")
      .where("email_key", "=", addressKey)
      .where("expires_at", ">", now())
      .returning(["id", "roles", "invited_by"])
      .executeTakeFirst();
    if (row === undefined || !(await consumeCode(database, change, code))) return undefined;
    await killCodesAbout(change, "invitation", row.id);
    const roles = JSON.parse(row.roles) as string[];
    const { id, invited_by: invitedBy } = row;
    if (invitedBy !== null) {
      const inviter = (await holdUsers(database, change.db, [invitedBy])).get(invitedBy);
      if (inviter?.status !== "active" || !mayInvite(inviter.roles, roles)) return undefined;
    }
    return { id, roles, invitedBy };
  };
}
