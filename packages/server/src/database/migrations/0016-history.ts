// Which history of PostgreSQL the log belongs to. SQLite has none that it would tell.

import type { Migration } from "../migration.ts";

export const history: Migration = {
  name: "0016-history",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema.alterTable("journal").addColumn("system_identifier", "text").execute();
    await db.schema.alterTable("journal").addColumn("timeline", integer).execute();
  },
};
