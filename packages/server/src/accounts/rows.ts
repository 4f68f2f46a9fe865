// What an account's row means to everybody outside of its table.
import { type RawBuilder, type Selectable, sql } from "kysely";
import type { UsersTable } from "../database/tables.ts";
import { knownLocale } from "../mail/locale.ts";
import type { Account, AccountCredentials, JsonObject } from "./account.ts";

export const accountColumns = [
  "id",
  "email",
  "name",
  "roles",
  "status",
  "created_at",
  "updated_at",
  "locale",
  "email_verified_at",
  "metadata",
  "app_metadata",
  "claims_version",
] as const;
export const credentialColumns: readonly [
  ...typeof accountColumns,
  "password_hash",
  "password_version",
  "device_epoch",
  "second_factor",
] = [...accountColumns, "password_hash", "password_version", "device_epoch", "second_factor"];

/** For every change of what an app's claims are made of: claims of before it open nothing any more. */
export const changesClaims: { readonly claims_version: RawBuilder<number> } = {
  claims_version: sql<number>`claims_version + 1`,
};

export type AccountRow = Pick<Selectable<UsersTable>, (typeof accountColumns)[number]>;

export function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: JSON.parse(row.roles) as string[],
    status: row.status,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    locale: knownLocale(row.locale),
    emailVerifiedAtMs: row.email_verified_at,
    metadata: JSON.parse(row.metadata) as JsonObject,
    appMetadata: JSON.parse(row.app_metadata) as JsonObject,
    claimsVersion: row.claims_version,
  };
}

export function credentialsOf(
  row: Pick<Selectable<UsersTable>, (typeof credentialColumns)[number]>,
): AccountCredentials {
  return {
    account: accountOf(row),
    passwordHash: row.password_hash,
    passwordVersion: row.password_version,
    deviceEpoch: row.device_epoch,
    secondFactor: row.second_factor !== 0,
  };
}
