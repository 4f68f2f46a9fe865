// What waits to be numbered on PostgreSQL. SQLite has one writer, which numbers in its transactions.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const unnumbered: Migration = {
  name: "0010-unnumbered",
  async up(db, dialect) {
    if (dialect === "sqlite") return;
    await db.schema
      .createTable("unnumbered")
      // Its sequence hands out one number at a time (CACHE 1): who asks later has the higher one.
      .addColumn("id", "bigint", (column) => column.generatedAlwaysAsIdentity().primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("audit", "text")
      .addColumn("revocation", "text")
      .addCheckConstraint("unnumbered_meaning", sql`(audit is null) <> (revocation is null)`)
      .execute();
  },
};
