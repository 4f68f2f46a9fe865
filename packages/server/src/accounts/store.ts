// Accounts: who may log in, and what changes about them does to their sessions.

import { sql, type Selectable } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { endSessionsOf, holdUser } from "../sessions/ending.ts";
import { refreshRolesOf } from "../sessions/token-roles.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Account, AccountCredentials, AccountStatus, NewAccount } from "./account.ts";
import type { UsersTable } from "../database/tables.ts";

export type AccountChanged =
  | { readonly outcome: "changed"; readonly account: Account }
  | { readonly outcome: "unknown" };

export interface AccountStore {
  /** The unique index on the normalised address decides between two sign-ups at once. */
  create(
    account: NewAccount,
    origin?: Origin,
  ): Promise<
    { readonly outcome: "created"; readonly account: Account } | { readonly outcome: "email_taken" }
  >;
  get(userId: string): Promise<Account | undefined>;
  /** What a login needs, by the normalised address. */
  findByEmail(emailKey: string): Promise<AccountCredentials | undefined>;
  /** The same by id, for who is logged in and must show the password again. */
  credentials(userId: string): Promise<AccountCredentials | undefined>;
  /** A page of accounts in the order of their ids, after `after`. */
  list(options: { after?: string; limit: number }): Promise<Account[]>;
  changeName(userId: string, name: string | null, origin?: Origin): Promise<AccountChanged>;
  /**
   * The same password under newer parameters: replaced only while the old hash still stands.
   * Sessions do not notice.
   */
  replacePasswordHash(userId: string, oldHash: string, newHash: string): Promise<"replaced" | "outdated">;
  /**
   * A new password, only while the one that was checked still stands (`passwordVersion`), and only
   * for active accounts. Every other session of the user ends with it; the access tokens of the one
   * that is kept stay good.
   */
  changePassword(
    change: {
      readonly userId: string;
      readonly passwordVersion: number;
      readonly newHash: string;
      /** The session that asked; null ends all. */
      readonly keepSid: string | null;
    },
    origin?: Origin,
  ): Promise<
    { readonly outcome: "changed"; readonly endedSessions: number } | { readonly outcome: "outdated" }
  >;
  /** Sessions live on; tokens that still state the old roles are dead at once. */
  setRoles(userId: string, roles: readonly string[], origin?: Origin): Promise<AccountChanged>;
  /** Disabling ends all sessions in the same transaction; enabling brings none of them back. */
  setStatus(userId: string, status: AccountStatus, origin?: Origin): Promise<AccountChanged>;
  /** Ends all sessions and removes the account with them. The trail keeps its id, nothing else. */
  delete(userId: string, origin?: Origin): Promise<{ readonly outcome: "deleted" | "unknown" }>;
}

export function createAccountStore(
  database: Database,
  randomBytes: RandomBytes = systemRandomBytes,
): AccountStore {
  const { now } = database;

  return {
    async create(account, origin = {}) {
      return database.change(async ({ db, record }) => {
        const row = await db
          .insertInto("users")
          .values({
            id: newId(randomBytes),
            email: account.email,
            email_key: account.emailKey,
            name: account.name,
            password_hash: account.passwordHash,
            password_version: 1,
            roles: JSON.stringify(account.roles),
            status: "active",
            created_at: now(),
            updated_at: now(),
          })
          .onConflict((conflict) => conflict.column("email_key").doNothing())
          .returning(accountColumns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "email_taken" };
        record({ event: "account_created", userId: row.id, ...origin, detail: { roles: account.roles } });
        return { outcome: "created", account: accountOf(row) };
      });
    },

    async get(userId) {
      const row = await database.db
        .selectFrom("users")
        .select(accountColumns)
        .where("id", "=", userId)
        .executeTakeFirst();
      return row && accountOf(row);
    },

    async findByEmail(emailKey) {
      const row = await database.db
        .selectFrom("users")
        .select(credentialColumns)
        .where("email_key", "=", emailKey)
        .executeTakeFirst();
      return row && credentialsOf(row);
    },

    async credentials(userId) {
      const row = await database.db
        .selectFrom("users")
        .select(credentialColumns)
        .where("id", "=", userId)
        .executeTakeFirst();
      return row && credentialsOf(row);
    },

    async list(options) {
      const { after, limit } = options;
      const rows = await database.db
        .selectFrom("users")
        .select(accountColumns)
        .$if(after !== undefined, (query) => query.where("id", ">", after ?? ""))
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(accountOf);
    },

    async changeName(userId, name, origin = {}) {
      return database.change(async ({ db, record }) => {
        const row = await db
          .updateTable("users")
          .set({ name, updated_at: now() })
          .where("id", "=", userId)
          .returning(accountColumns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "unknown" };
        record({ event: "account_changed", userId, ...origin, detail: { changed: ["name"] } });
        return { outcome: "changed", account: accountOf(row) };
      });
    },

    async replacePasswordHash(userId, oldHash, newHash) {
      const { numUpdatedRows } = await database.db
        .updateTable("users")
        .set({ password_hash: newHash })
        .where("id", "=", userId)
        .where("password_hash", "=", oldHash)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? "replaced" : "outdated";
    },

    async changePassword({ userId, passwordVersion, newHash, keepSid }, origin = {}) {
      return database.change(async (change) => {
        const { numUpdatedRows } = await change.db
          .updateTable("users")
          .set({
            password_hash: newHash,
            password_version: sql<number>`password_version + 1`,
            updated_at: now(),
          })
          .where("id", "=", userId)
          .where("password_version", "=", passwordVersion)
          .where("status", "=", "active")
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) return { outcome: "outdated" };
        const endedSessions = await endSessionsOf(database, change, userId, "password_changed", keepSid);
        change.record({
          event: "password_changed",
          userId,
          sid: keepSid,
          ...origin,
          detail: { endedSessions },
        });
        return { outcome: "changed", endedSessions };
      });
    },

    async setRoles(userId, roles, origin = {}) {
      return database.change(async (change) => {
        const row = await change.db
          .updateTable("users")
          .set({ roles: JSON.stringify(roles), updated_at: now() })
          .where("id", "=", userId)
          .returning(accountColumns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "unknown" };
        await refreshRolesOf(database, change, userId, row.roles);
        change.record({ event: "roles_changed", userId, ...origin, detail: { roles } });
        return { outcome: "changed", account: accountOf(row) };
      });
    },

    async setStatus(userId, status, origin = {}) {
      return database.change(async (change) => {
        const row = await change.db
          .updateTable("users")
          .set({
            status,
            updated_at: now(),
            // What was opened or checked before it was disabled must not rise again when it is
            // enabled.
            ...(status === "disabled" ? { password_version: sql<number>`password_version + 1` } : {}),
          })
          .where("id", "=", userId)
          .returning(accountColumns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "unknown" };
        const endedSessions =
          status === "disabled" ? await endSessionsOf(database, change, userId, "disabled", null) : 0;
        const event = status === "disabled" ? "account_disabled" : "account_enabled";
        change.record({ event, userId, ...origin, detail: { endedSessions } });
        return { outcome: "changed", account: accountOf(row) };
      });
    },

    async delete(userId, origin = {}) {
      return database.change(async (change) => {
        await holdUser(database, change.db, userId);
        const endedSessions = await endSessionsOf(database, change, userId, "deleted", null);
        const { numDeletedRows } = await change.db
          .deleteFrom("users")
          .where("id", "=", userId)
          .executeTakeFirst();
        if (numDeletedRows !== 1n) return { outcome: "unknown" };
        change.record({ event: "account_deleted", userId, ...origin, detail: { endedSessions } });
        return { outcome: "deleted" };
      });
    },
  };
}

const accountColumns = ["id", "email", "name", "roles", "status", "created_at", "updated_at"] as const;
const credentialColumns = [...accountColumns, "password_hash", "password_version"] as const;

function accountOf(row: Pick<Selectable<UsersTable>, (typeof accountColumns)[number]>): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: JSON.parse(row.roles) as string[],
    status: row.status,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}

function credentialsOf(
  row: Pick<Selectable<UsersTable>, (typeof credentialColumns)[number]>,
): AccountCredentials {
  return { account: accountOf(row), passwordHash: row.password_hash, passwordVersion: row.password_version };
}
