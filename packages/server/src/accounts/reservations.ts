// Earlier addresses that their owners can have back: nobody else can have them meanwhile.
import type { Change, Database } from "../database/database.ts";

/**
 * Whether another account had this address until lately. Asked once the own row has it: whoever left the address at the
 * same moment has committed by then, as the unique index made this change wait.
 */
export async function isReserved(
  { now }: Pick<Database, "now">,
  { db }: Change,
  addressKey: string,
  userId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("address_changes")
    .select("id")
    .where("email_key", "=", addressKey)
    .where("user_id", "!=", userId)
    .where("undo_until", ">", now())
    .executeTakeFirst();
  return row !== undefined;
}
