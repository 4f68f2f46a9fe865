// What a clock that was set back leaves behind: tokens that will be good once it is that late again.

import type { Migration } from "../migration.ts";

export const datedAhead: Migration = {
  name: "0012-dated-ahead",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema.alterTable("sessions").addColumn("dated_ahead_until", integer).execute();
  },
};
