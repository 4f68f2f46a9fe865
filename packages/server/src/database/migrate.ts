// Brings a database's tables up to date: every migration once, in order, all or none.

import { sql, type Kysely } from "kysely";
import { explainMigration, refuseForeignMigrations, refuseForeignNames } from "./foreign-tables.ts";
import { foundation } from "./migrations/0001-foundation.ts";
import type { Dialect, Migration } from "./migration.ts";
import { keys } from "./migrations/0002-keys.ts";
import { auditSeal } from "./migrations/0003-audit-seal.ts";
import { feedEpoch } from "./migrations/0004-feed-epoch.ts";
import { indexes } from "./migrations/0005-indexes.ts";
import { throttles } from "./migrations/0006-throttles.ts";
import { deviceEpoch } from "./migrations/0007-device-epoch.ts";
import { mail } from "./migrations/0008-mail.ts";
import { administration } from "./migrations/0009-administration.ts";
import { unnumbered } from "./migrations/0010-unnumbered.ts";
import { secondFactors } from "./migrations/0011-second-factors.ts";
import { datedAhead } from "./migrations/0012-dated-ahead.ts";
import { appFields } from "./migrations/0013-app-fields.ts";
import { passwordSchemes } from "./migrations/0014-password-schemes.ts";
import { addressChanges } from "./migrations/0015-address-changes.ts";
import { history } from "./migrations/0016-history.ts";
import { invitations } from "./migrations/0017-invitations.ts";
import { expectedLogin } from "./migrations/0018-expected-login.ts";
import { instanceReports } from "./migrations/0019-instance-reports.ts";
import { auditStart } from "./migrations/0020-audit-start.ts";

/**
 * Ours, in order. Each only adds (expand), so that an instance of the release before keeps working
 * beside a new one.
 */
const ownMigrations: readonly Migration[] = [
  foundation,
  keys,
  auditSeal,
  feedEpoch,
  indexes,
  throttles,
  deviceEpoch,
  mail,
  administration,
  unnumbered,
  secondFactors,
  datedAhead,
  appFields,
  passwordSchemes,
  addressChanges,
  history,
  invitations,
  expectedLogin,
  instanceReports,
  auditStart,
];

/**
 * Any constant that other programs on the same PostgreSQL are unlikely to lock; it spells
 * "counters".
 */
const advisoryLock = 0x63_6f_75_6e;

/**
 * Applies those of `migrations` (by default ours) that the database has not seen.
 *
 * Instances that start together take turns; each step is run by exactly one of them. Names in the
 * database that this release does not know are left alone: a newer one is running beside it.
 * `db` finds the tables in `schema` (`placed`), which is made if it is missing.
 *
 * @throws StoreError `foreign_table`, `cannot_open`
 */
export async function migrate(
  db: Kysely<unknown>,
  dialect: Dialect,
  migrations: readonly Migration[] = ownMigrations,
  schema?: string,
): Promise<void> {
  const table = sql.table("migrations");
  try {
    await db.transaction().execute(async (trx) => {
      if (dialect === "postgres") {
        await sql`select pg_advisory_xact_lock(${sql.lit(advisoryLock)})`.execute(trx);
        if (schema !== undefined) await makeSchema(trx, schema);
      }
      await refuseForeignMigrations(trx, dialect, schema);
      await sql`create table if not exists ${table} (name text primary key not null)`.execute(trx);
      const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(trx);
      const done = new Set(rows.map((row) => row.name));
      refuseForeignNames(done);
      for (const migration of migrations) {
        if (done.has(migration.name)) continue;
        await migration.up(trx, dialect);
        await sql`insert into ${table} (name) values (${migration.name})`.execute(trx);
        done.add(migration.name);
      }
    });
  } catch (error) {
    throw explainMigration(error);
  }
}

/** Only where it is missing: PostgreSQL asks for the right to make one even if there is one. */
async function makeSchema(db: Kysely<unknown>, schema: string): Promise<void> {
  const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(db);
  if (rows.length === 0) await db.schema.createSchema(schema).execute();
}
