// Which log of revocations this is: a number alone says nothing after a backup was restored.

import { sql } from "kysely";
import { newEpoch } from "../../randomness.ts";
import type { Migration } from "../migration.ts";

export const feedEpoch: Migration = {
  name: "0004-feed-epoch",
  async up(db) {
    await db.schema
      .alterTable("journal")
      .addColumn("revocation_epoch", "text", (column) => column.notNull().defaultTo(""))
      .execute();
    await sql`update ${sql.table("journal")} set revocation_epoch = ${newEpoch()}`.execute(db);
  },
};
