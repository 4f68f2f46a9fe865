// The `countersign` of a release to come: its migration adds to the tables and takes nothing away, under names that no
// release will have.
import { sql } from "kysely";
import { parseArgs } from "node:util";
import { migrate } from "../../src/database/migrate.ts";
import type { Migration } from "../../src/database/migration.ts";
import { openStore } from "../database/store.ts";

const expansion: Migration = {
  name: "9999-expansion",
  async up(db) {
    await sql`alter table sessions add column later_place text`.execute(db);
    await sql`alter table users add column later_language text not null default 'en'`.execute(db);
    await sql`create index later_sessions_place on sessions (later_place)`.execute(db);
    await sql`create table later_devices (id text primary key, user_id text not null references users (id))`.execute(
      db,
    );
  },
};

const { values } = parseArgs({ options: { database: { type: "string" } }, strict: false });
const store = await openStore({ url: String(values.database) });
await migrate(store.db, "postgres", [expansion]);
await store.close();

await import("../../src/cli/main.ts");
