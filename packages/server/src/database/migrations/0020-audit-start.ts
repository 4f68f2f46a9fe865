// Where the audit trail begins, once events were removed from its beginning.

import type { Migration } from "../migration.ts";

export const auditStart: Migration = {
  name: "0020-audit-start",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const journal = () => db.schema.alterTable("journal");
    await journal()
      .addColumn("audit_start_seq", integer, (column) => column.notNull().defaultTo(0))
      .execute();
    await journal()
      .addColumn("audit_start_hash", "text", (column) => column.notNull().defaultTo(""))
      .execute();
    await journal().addColumn("audit_start_seal", "text").execute();
  },
};
