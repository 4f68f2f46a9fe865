// The seal of the audit trail's end, and stored addresses in their canonical form.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const auditSeal: Migration = {
  name: "0003-audit-seal",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema.alterTable("journal").addColumn("audit_seal_seq", integer).execute();
    await db.schema.alterTable("journal").addColumn("audit_seal", "text").execute();
    // Of an address whose domain was not in its canonical form, earlier releases stored what was
    // written, which may hold anything; its key holds what was judged.
    await sql`update ${sql.table("users")} set email = email_key where lower(email) <> email_key`.execute(db);
  },
};
