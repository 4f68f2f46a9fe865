// What those who run an installation find accounts by, and how the first of them comes in.
import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const administration: Migration = {
  name: "0009-administration",
  async up(db, dialect) {
    await db.schema.createIndex("users_by_age").on("users").columns(["created_at", "id"]).execute();
    // What begins alike is a range only where bytes are compared, as SQLite does anyway.
    if (dialect === "postgres")
      await sql`create index users_by_address on ${sql.table("users")} (email_key collate "C")`.execute(db);
    // The few accounts with other roles than those of a sign-up, administrators among them.
    await db.schema
      .createIndex("users_with_roles")
      .on("users")
      .column("id")
      .where(sql<boolean>`roles <> '["user"]'`)
      .execute();
    await db.schema
      .createTable("setup_tokens")
      .addColumn("token_hash", "text", (column) => column.primaryKey().notNull())
      .addColumn("expires_at", dialect === "sqlite" ? "integer" : "bigint", (column) => column.notNull())
      .modifyEnd(dialect === "sqlite" ? sql`strict` : sql``)
      .execute();
  },
};
