// What apps keep with accounts, and the version of whatever goes into the claims of their tokens.

import type { Migration } from "../migration.ts";

export const appFields: Migration = {
  name: "0013-app-fields",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    for (const column of ["metadata", "app_metadata"])
      await db.schema
        .alterTable("users")
        .addColumn(column, "text", (definition) => definition.notNull().defaultTo("{}"))
        .execute();
    await db.schema
      .alterTable("users")
      .addColumn("claims_version", integer, (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
