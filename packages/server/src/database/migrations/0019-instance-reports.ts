// What each running instance says of itself, for whoever asks another one.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const instanceReports: Migration = {
  name: "0019-instance-reports",
  async up(db, dialect) {
    await db.schema
      .createTable("instance_reports")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("reported_at", dialect === "sqlite" ? "integer" : "bigint", (column) => column.notNull())
      .addColumn("report", "text", (column) => column.notNull())
      .modifyEnd(dialect === "sqlite" ? sql`strict` : sql``)
      .execute();
  },
};
