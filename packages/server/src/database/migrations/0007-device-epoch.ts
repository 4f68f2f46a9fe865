// Which device tokens of an account count: those of its present epoch.

import type { Migration } from "../migration.ts";

export const deviceEpoch: Migration = {
  name: "0007-device-epoch",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema
      .alterTable("users")
      .addColumn("device_epoch", integer, (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
