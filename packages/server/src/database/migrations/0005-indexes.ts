// What the hot statements are found by, where no index was.

import type { Migration } from "../migration.ts";

export const indexes: Migration = {
  name: "0005-indexes",
  async up(db) {
    // What happened to one account, newest first.
    await db.schema.createIndex("audit_of_user").on("audit").columns(["user_id", "seq"]).execute();
  },
};
