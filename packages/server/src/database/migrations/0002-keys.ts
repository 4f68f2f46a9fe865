// The signing keys, and the canary that knows their master key.

import { sql } from "kysely";
import type { Migration } from "../migration.ts";

export const keys: Migration = {
  name: "0002-keys",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    const bytes = dialect === "sqlite" ? "blob" : "bytea";
    const ending = dialect === "sqlite" ? sql`strict` : sql``;

    await db.schema
      .createTable("instance")
      .addColumn("id", "integer", (column) =>
        column
          .primaryKey()
          .notNull()
          .check(sql`id = 1`),
      )
      .addColumn("canary", bytes, (column) => column.notNull())
      .modifyEnd(ending)
      .execute();

    await db.schema
      .createTable("signing_keys")
      .addColumn("kid", "text", (column) => column.primaryKey().notNull())
      .addColumn("algorithm", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) =>
        column.notNull().check(sql`state in ('pending', 'active', 'retiring', 'retired')`),
      )
      .addColumn("sealed", bytes)
      .addColumn("created_at", integer, (column) => column.notNull())
      .addColumn("promote_at", integer, (column) => column.notNull())
      .addColumn("activated_at", integer)
      .addColumn("keep_until", integer)
      .addColumn("retired_at", integer)
      .addColumn("revoked_at", integer)
      .addCheckConstraint("signing_keys_erased", sql`(state = 'retired') = (sealed is null)`)
      .addCheckConstraint("signing_keys_retired", sql`(state = 'retired') = (retired_at is not null)`)
      .addCheckConstraint("signing_keys_revoked", sql`revoked_at is null or state = 'retired'`)
      .modifyEnd(ending)
      .execute();
    for (const state of ["pending", "active"]) {
      await db.schema
        .createIndex(`signing_keys_one_${state}`)
        .unique()
        .on("signing_keys")
        .column("state")
        .where(sql<boolean>`state = ${sql.lit(state)}`)
        .execute();
    }
  },
};
