// The login that is expected of whoever has just signed up: of that one nobody has to be told.

import type { Migration } from "../migration.ts";

export const expectedLogin: Migration = {
  name: "0018-expected-login",
  async up(db, dialect) {
    const integer = dialect === "sqlite" ? "integer" : "bigint";
    await db.schema.alterTable("users").addColumn("login_expected_until", integer).execute();
  },
};
