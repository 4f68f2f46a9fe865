// Which schemes of other systems the accounts have hashes of, so that a refusal takes as long as the dearest after a restart, too.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const passwordSchemes: Migration = {
  name: "0014-password-schemes",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema
      .createTable("password_schemes")
      .addColumn("name", "text", (column) => column.primaryKey().notNull())
      .addColumn("family", "text", (column) => column.notNull())
      .addColumn("memory_kibibytes", integer, (column) => column.notNull())
      .addColumn("work", integer, (column) => column.notNull())
      .$call((table) => (dialect === "sqlite" ? table.modifyEnd(sql`strict`) : table))
      .execute();
  },
};
