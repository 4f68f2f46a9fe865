// The migrations by name; they run at start, in this order, once, all in one transaction.
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { createAccountTables } from "./0001-accounts.ts";

const migrations: Readonly<Record<string, Migration>> = { "0001-accounts": { up: createAccountTables } };

export async function migrate(db: Kysely<unknown>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: "countersign_migrations",
    migrationLockTableName: "countersign_migrations_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
