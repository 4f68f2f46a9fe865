// What guessing is counted in: a few integers for each source, account and device that failed lately.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const throttles: Migration = {
  name: "0006-throttles",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    // No column but the key is indexed: PostgreSQL keeps the new row version beside the old one.
    const ending = dialect === "sqlite" ? sql`strict` : sql`with (fillfactor = 70)`;
    await db.schema
      .createTable("throttles")
      .addColumn("key", "text", (column) => column.primaryKey().notNull())
      .addColumn("empty_at", integer, (column) => column.notNull())
      .addColumn("in_a_row", integer, (column) => column.notNull())
      .addColumn("told", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();
  },
};
