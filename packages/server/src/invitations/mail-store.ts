// Invitations as mail sees them: looked up only when a mail is about to be sent.
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { MailInvitations } from "../mail/requested-letters.ts";

export function createMailInvitations({ db, now }: Pick<Database, "db" | "now">): MailInvitations {
  return {
    async open(id) {
      const row = await db
        .selectFrom("invitations")
        .select(["expires_at", sql<number>`expires_at - ${now()}`.as("lifetime_ms")])
        .where("id", "=", id)
        .where("expires_at", ">", now())
        .executeTakeFirst();
      return row && { untilMs: row.expires_at, lifetimeMs: row.lifetime_ms };
    },
  };
}
