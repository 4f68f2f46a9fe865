// Mail: what is to be sent, one-time codes, how often somebody asked, and what accounts lack for it.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const mail: Migration = {
  name: "0008-mail",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const bytes = dialect === "sqlite" ? "blob" : "bytea";
    const ending = dialect === "sqlite" ? sql`strict` : sql``;

    await db.schema
      .alterTable("users")
      .addColumn("locale", "text", (column) => column.notNull().defaultTo("en"))
      .execute();
    await db.schema.alterTable("users").addColumn("email_verified_at", integer).execute();

    await db.schema
      .createTable("outbox")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("user_id", "text")
      .addColumn("locale", "text", (column) => column.notNull())
      .addColumn("sealed", bytes, (column) => column.notNull())
      .addColumn("created_at", integer, (column) => column.notNull())
      .addColumn("due_at", integer)
      .addColumn("tries", integer, (column) => column.notNull())
      .addColumn("failure", "text")
      .addCheckConstraint("outbox_failed", sql`(due_at is null) = (failure is not null)`)
      .modifyEnd(ending)
      .execute();
    await db.schema.createIndex("outbox_due").on("outbox").column("due_at").execute();

    await db.schema
      .createTable("mail_requests")
      .addColumn("key", "text", (column) => column.primaryKey().notNull())
      .addColumn("newest_at", integer, (column) => column.notNull())
      .addColumn("second_at", integer, (column) => column.notNull())
      .addColumn("third_at", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("one_time_codes")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("address_hash", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.references("users.id").onDelete("cascade"))
      .addColumn("password_version", integer)
      .addColumn("subject", "text")
      .addColumn("link_hash", "text", (column) => column.notNull().unique())
      .addColumn("code_hash", "text")
      .addColumn("wrong_tries", integer, (column) => column.notNull())
      .addColumn("expires_at", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();
    await db.schema
      .createIndex("one_time_codes_of_address")
      .on("one_time_codes")
      .column("address_hash")
      .execute();
    await db.schema.createIndex("one_time_codes_of_user").on("one_time_codes").column("user_id").execute();
    await db.schema.createIndex("one_time_codes_expired").on("one_time_codes").column("expires_at").execute();
  },
};
