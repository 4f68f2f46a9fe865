// How often somebody asked for mail to an address: three times an hour for each purpose, and no more is sent.

import { createHmac, type KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
import type { MailPurpose } from "./letter.ts";

const hourMs = 3_600_000;

export interface MailRequests {
  /**
   * Takes one of the three that this address has in any hour. One statement decides, so that of
   * however many at once three are taken.
   */
  take(change: Change, purpose: MailPurpose, addressKey: string): Promise<boolean>;
  /** Forgets what is over. Returns how many. */
  prune(): Promise<number>;
}

/** `secret` is derived from the master key for this alone: the rows name no address. */
export function createMailRequests(
  { db, now }: Pick<Database, "db" | "now">,
  secret: KeyObject,
): MailRequests {
  const keyOf = (purpose: MailPurpose, addressKey: string): string =>
    createHmac("sha256", secret)
      .update(JSON.stringify([purpose, addressKey]))
      .digest("base64url");

  return {
    async take(change, purpose, addressKey) {
      const row = await change.db
        .insertInto("mail_requests")
        .values({ key: keyOf(purpose, addressKey), newest_at: now(), second_at: 0, third_at: 0 })
        .onConflict((conflict) =>
          conflict
            .column("key")
            .doUpdateSet((on) => ({
              newest_at: on.ref("excluded.newest_at"),
              second_at: on.ref("mail_requests.newest_at"),
              third_at: on.ref("mail_requests.second_at"),
            }))
            .where(
              "mail_requests.third_at",
              "<=",
              (on) => sql<number>`${on.ref("excluded.newest_at")} - ${sql.lit(hourMs)}`,
            ),
        )
        .returning("key")
        .executeTakeFirst();
      return row !== undefined;
    },

    async prune() {
      const { numDeletedRows } = await db
        .deleteFrom("mail_requests")
        .where("newest_at", "<=", sql<number>`${now()} - ${sql.lit(hourMs)}`)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
