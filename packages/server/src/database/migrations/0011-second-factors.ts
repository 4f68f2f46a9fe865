// Second factors and passkeys, what they were tried with, and what a session is about to be raised to.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const secondFactors: Migration = {
  name: "0011-second-factors",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const bytes = dialect === "sqlite" ? "blob" : "bytea";
    const ending = dialect === "sqlite" ? sql`strict` : sql``;

    await db.schema
      .alterTable("users")
      .addColumn("second_factor", integer, (column) => column.notNull().defaultTo(0))
      .execute();

    await db.schema
      .createTable("totp")
      .addColumn("user_id", "text", (column) =>
        column.primaryKey().notNull().references("users.id").onDelete("cascade"),
      )
      .addColumn("sealed", bytes, (column) => column.notNull())
      .addColumn("created_at", integer, (column) => column.notNull())
      .addColumn("confirmed_at", integer)
      .addColumn("last_step", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("recovery_codes")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
      .addColumn("hash", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("recovery_codes_pkey", ["user_id", "hash"])
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("factor_attempts")
      .addColumn("user_id", "text", (column) =>
        column.primaryKey().notNull().references("users.id").onDelete("cascade"),
      )
      .addColumn("since_lock", integer, (column) => column.notNull())
      .addColumn("in_a_row", integer, (column) => column.notNull())
      .addColumn("locked_until", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("spent_challenges")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("expires_at", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("passkeys")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("public_key", bytes, (column) => column.notNull())
      .addColumn("counter", integer, (column) => column.notNull())
      .addColumn("transports", "text", (column) => column.notNull())
      .addColumn("backup_eligible", integer, (column) => column.notNull())
      .addColumn("backed_up", integer, (column) => column.notNull())
      .addColumn("created_at", integer, (column) => column.notNull())
      .addColumn("last_used_at", integer)
      .modifyEnd(ending)
      .execute();
    await db.schema.createIndex("passkeys_of_user").on("passkeys").column("user_id").execute();

    // Each on its own: SQLite adds one column at a time.
    await db.schema.alterTable("sessions").addColumn("proved_at", integer).execute();
    await db.schema.alterTable("sessions").addColumn("pending", integer).execute();
    await db.schema.alterTable("sessions").addColumn("pending_secret_hash", "text").execute();
    await db.schema.alterTable("sessions").addColumn("pending_amr", "text").execute();
    await db.schema.alterTable("sessions").addColumn("pending_at", integer).execute();
    await db.schema
      .createIndex("sessions_pending_secret")
      .unique()
      .on("sessions")
      .column("pending_secret_hash")
      .where(sql.ref("pending_secret_hash"), "is not", null)
      .execute();
  },
};
