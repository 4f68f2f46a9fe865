// Accounts, sessions, revocations, the audit trail and the journal that orders them.

import { sql } from "kysely";
import { firstMigration } from "../foreign-tables.ts";
import type { Migration } from "../migration.ts";

export const foundation: Migration = {
  name: firstMigration,
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    // SQLite ignores column types unless the table is strict.
    const ending = dialect === "sqlite" ? sql`strict` : sql``;
    // Renewals change no indexed column; free space in the page lets PostgreSQL keep the new row
    // version beside the old one.
    const roomForRenewals = dialect === "sqlite" ? sql`strict` : sql`with (fillfactor = 70)`;

    await db.schema
      .createTable("users")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("email", "text", (column) => column.notNull())
      .addColumn("email_key", "text", (column) => column.notNull().unique())
      .addColumn("name", "text")
      .addColumn("password_hash", "text", (column) => column.notNull())
      .addColumn("password_version", integer, (column) => column.notNull())
      .addColumn("roles", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('active', 'disabled')`))
      .addColumn("created_at", integer, (column) => column.notNull())
      .addColumn("updated_at", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("sessions")
      .addColumn("sid", "text", (column) => column.primaryKey().notNull())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
      .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('token', 'cookie')`))
      .addColumn("secret_hash", "text", (column) => column.unique())
      .addColumn("current", integer, (column) => column.notNull())
      .addColumn("previous", integer)
      .addColumn("renewed_at", integer, (column) => column.notNull())
      .addColumn("tokens_before", integer, (column) => column.notNull())
      .addColumn("roles", "text", (column) => column.notNull())
      .addColumn("authenticated_at", integer, (column) => column.notNull())
      .addColumn("amr", "text", (column) => column.notNull())
      .addColumn("client_id", "text", (column) => column.notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("ended_at", integer)
      .addColumn("end_reason", "text")
      .addCheckConstraint("sessions_generations", sql`previous is null or previous < current`)
      .addCheckConstraint("sessions_secret", sql`(kind = 'cookie') = (secret_hash is not null)`)
      .addCheckConstraint("sessions_ending", sql`(ended_at is null) = (end_reason is null)`)
      .modifyEnd(roomForRenewals)
      .execute();
    await db.schema.createIndex("sessions_of_user").on("sessions").column("user_id").execute();

    await db.schema
      .createTable("revocations")
      .addColumn("seq", integer, (column) => column.primaryKey().notNull())
      .addColumn("sid", "text")
      .addColumn("kid", "text")
      .addColumn("tokens_before", integer)
      .addColumn("expires_at", integer)
      .addCheckConstraint(
        "revocations_meaning",
        sql`(kid is null) = (tokens_before is not null) and (kid is null) = (expires_at is not null) and (kid is null or sid is null)`,
      )
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("audit")
      .addColumn("seq", integer, (column) => column.primaryKey().notNull())
      .addColumn("at", integer, (column) => column.notNull())
      .addColumn("event", "text", (column) => column.notNull())
      .addColumn("actor_id", "text")
      .addColumn("user_id", "text")
      .addColumn("sid", "text")
      .addColumn("address", "text")
      .addColumn("detail", "text", (column) => column.notNull())
      .addColumn("hash", "text", (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("journal")
      .addColumn("id", integer, (column) =>
        column
          .primaryKey()
          .notNull()
          .check(sql`id = 1`),
      )
      .addColumn("audit_seq", integer, (column) => column.notNull())
      .addColumn("audit_hash", "text", (column) => column.notNull())
      .addColumn("revocation_seq", integer, (column) => column.notNull())
      .addColumn("tokens_before", integer, (column) => column.notNull())
      .addColumn("revocation_pruned_seq", integer, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();
    await sql`
      insert into ${sql.table("journal")} (id, audit_seq, audit_hash, revocation_seq, tokens_before, revocation_pruned_seq)
      values (1, 0, '', 0, 0, 0)
    `.execute(db);
  },
};
