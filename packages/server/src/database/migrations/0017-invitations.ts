// Who was invited to make an account, with which roles, and until when.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const invitations: Migration = {
  name: "0017-invitations",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const ending = dialect === "sqlite" ? sql`strict` : sql``;

    await db.schema
      .createTable("invitations")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("email", "text", (column) => column.notNull())
      .addColumn("email_key", "text", (column) => column.notNull().unique())
      .addColumn("roles", "text", (column) => column.notNull())
      .addColumn("invited_by", "text", (column) => column.references("users.id").onDelete("cascade"))
      .addColumn("sent_at", integer, (column) => column.notNull())
      .addColumn("expires_at", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();
    await db.schema.createIndex("invitations_of_inviter").on("invitations").column("invited_by").execute();
    await db.schema.createIndex("invitations_expired").on("invitations").column("expires_at").execute();
    await db.schema.createIndex("invitations_by_age").on("invitations").columns(["sent_at", "id"]).execute();
  },
};
