// Tables of somebody else where ours should be: told with the setting that mends it.

import { sql, type Kysely } from "kysely";
import { StoreError } from "./errors.ts";
import type { Dialect } from "./migration.ts";
import { prefixed } from "./place.ts";

/** The first step of the schema; no database of ours is without it. */
export const firstMigration = "0001-foundation";

const howToSet = "databaseSchema (--database-schema, COUNTERSIGN_DATABASE_SCHEMA)";

/** @throws StoreError `foreign_table` if the table `migrations` is not made like ours */
export async function refuseForeignMigrations(
  db: Kysely<unknown>,
  dialect: Dialect,
  schema: string | undefined,
): Promise<void> {
  const columns =
    dialect === "sqlite"
      ? sql<{ name: string }>`select name from pragma_table_info(${prefixed("migrations", schema)})`
      : sql<{ name: string }>`
          select attname as name
          from pg_attribute
          join pg_class on pg_class.oid = attrelid
          join pg_namespace on pg_namespace.oid = relnamespace
          where nspname = coalesce(${schema ?? null}::text, current_schema())
            and relname = 'migrations' and attnum > 0 and not attisdropped
        `;
  const { rows } = await columns.execute(db);
  if (rows.some(({ name }) => name !== "name")) throw foreignTable("migrations");
}

/** @throws StoreError `foreign_table` if what stands in the table `migrations` is not ours */
export function refuseForeignNames(names: ReadonlySet<string>): void {
  if (names.size > 0 && !names.has(firstMigration)) throw foreignTable("migrations");
}

/** What a failed migration met, in words where who runs the server can mend it. */
export function explainMigration(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const [, taken] =
    /^(?:table|index|view|relation) ["'`]?(\w+)["'`]? already exists$/.exec(error.message) ?? [];
  // duplicate_table: of views, indexes and sequences, too.
  if (taken !== undefined || code === "42P07") return foreignTable(taken ?? "of the same name");
  // insufficient_privilege, invalid_schema_name: since PostgreSQL 15 the schema `public` is for its owner alone.
  if (code === "42501" || code === "3F000")
    return new StoreError(
      "cannot_open",
      `PostgreSQL does not let this user make the tables: ${error.message}. Make a schema that belongs to it ` +
        `(create schema countersign authorization NAME), and name the schema with ${howToSet}.`,
    );
  return error;
}

function foreignTable(name: string): StoreError {
  return new StoreError(
    "foreign_table",
    `This database has a table ${name} that is not Countersign's. Give Countersign's tables a place of their own with ` +
      `${howToSet}, for example "countersign". Nothing was changed.`,
  );
}
