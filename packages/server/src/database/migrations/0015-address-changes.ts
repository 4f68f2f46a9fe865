// Earlier addresses of accounts, which their owners can have back for some days, and how old recovery codes are.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const addressChanges: Migration = {
  name: "0015-address-changes",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const ending = dialect === "sqlite" ? sql`strict` : sql``;

    await db.schema
      .createTable("address_changes")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
      .addColumn("email", "text", (column) => column.notNull())
      .addColumn("email_key", "text", (column) => column.notNull())
      .addColumn("changed_at", integer, (column) => column.notNull())
      .addColumn("undo_until", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();
    await db.schema.createIndex("address_changes_of_user").on("address_changes").column("user_id").execute();
    await db.schema
      .createIndex("address_changes_of_address")
      .on("address_changes")
      .column("email_key")
      .execute();

    // Codes of a release that does not say when count as old.
    await db.schema
      .alterTable("recovery_codes")
      .addColumn("created_at", integer, (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
