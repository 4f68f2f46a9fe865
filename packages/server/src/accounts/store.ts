// Accounts: who may log in, and what changes about them does to their sessions.

import { randomBytes } from "node:crypto";
import { sql, type Selectable } from "kysely";
import type { Origin } from "../audit/trail.ts";
import type { Database } from "../database/database.ts";
import { endSessionsOf, holdUser, refreshRolesOf } from "../sessions/ending.ts";
import type { UsersTable } from "../database/tables.ts";

export type AccountStatus = "active" | "disabled";

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: AccountStatus;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What a log-in compares. Never leaves the services. */
export interface AccountCredentials {
  readonly account: Account;
  readonly passwordHash: string;
  /** Handed to `sessions.open`, which opens nothing once the password has changed. */
  readonly passwordVersion: number;
}

export interface NewAccount {
  readonly email: string;
  /** The normalised address; two accounts never share one. */
  readonly emailKey: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly roles: readonly string[];
}

export type AccountChanged =
  | { readonly outcome: "changed"; readonly account: Account }
  | { readonly outcome: "unknown" };

export class Accounts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The unique index on the normalised address decides between two sign-ups at once. */
  async create(
    account: NewAccount,
    origin: Origin = {},
  ): Promise<
    { readonly outcome: "created"; readonly account: Account } | { readonly outcome: "email_taken" }
  > {
    const { now } = this.#database;
    return this.#database.change(async ({ db, record }) => {
      const row = await db
        .insertInto("users")
        .values({
          id: randomBytes(16).toString("base64url"),
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
  }

  async get(userId: string): Promise<Account | undefined> {
    const row = await this.#database.db
      .selectFrom("users")
      .select(accountColumns)
      .where("id", "=", userId)
      .executeTakeFirst();
    return row && accountOf(row);
  }

  /** What a log-in needs, by the normalised address. */
  async findByEmail(emailKey: string): Promise<AccountCredentials | undefined> {
    const row = await this.#database.db
      .selectFrom("users")
      .select(credentialColumns)
      .where("email_key", "=", emailKey)
      .executeTakeFirst();
    return row && credentialsOf(row);
  }

  /** The same by id, for who is logged in and must show the password again. */
  async credentials(userId: string): Promise<AccountCredentials | undefined> {
    const row = await this.#database.db
      .selectFrom("users")
      .select(credentialColumns)
      .where("id", "=", userId)
      .executeTakeFirst();
    return row && credentialsOf(row);
  }

  /** A page of accounts in the order of their ids, after `after`. */
  async list(options: { after?: string; limit: number }): Promise<Account[]> {
    const { after, limit } = options;
    const rows = await this.#database.db
      .selectFrom("users")
      .select(accountColumns)
      .$if(after !== undefined, (query) => query.where("id", ">", after ?? ""))
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(accountOf);
  }

  async changeName(userId: string, name: string | null, origin: Origin = {}): Promise<AccountChanged> {
    const { now } = this.#database;
    return this.#database.change(async ({ db, record }) => {
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
  }

  /** The same password under newer parameters: replaced only while the old hash still stands. Sessions do not notice. */
  async replacePasswordHash(
    userId: string,
    oldHash: string,
    newHash: string,
  ): Promise<"replaced" | "outdated"> {
    const { numUpdatedRows } = await this.#database.db
      .updateTable("users")
      .set({ password_hash: newHash })
      .where("id", "=", userId)
      .where("password_hash", "=", oldHash)
      .executeTakeFirst();
    return numUpdatedRows === 1n ? "replaced" : "outdated";
  }

  /**
   * A new password, only while the one that was checked still stands (`passwordVersion`), and only for active accounts.
   * Every other session of the user ends with it; the access tokens of the one that is kept stay good.
   */
  async changePassword(
    change: {
      readonly userId: string;
      readonly passwordVersion: number;
      readonly newHash: string;
      /** The session that asked; null ends all. */
      readonly keepSid: string | null;
    },
    origin: Origin = {},
  ): Promise<
    { readonly outcome: "changed"; readonly endedSessions: number } | { readonly outcome: "outdated" }
  > {
    const { userId, keepSid } = change;
    const { now } = this.#database;
    return this.#database.change(async (trx) => {
      const { numUpdatedRows } = await trx.db
        .updateTable("users")
        .set({
          password_hash: change.newHash,
          password_version: sql<number>`password_version + 1`,
          updated_at: now(),
        })
        .where("id", "=", userId)
        .where("password_version", "=", change.passwordVersion)
        .where("status", "=", "active")
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return { outcome: "outdated" };
      const endedSessions = await endSessionsOf(this.#database, trx, userId, "password_changed", keepSid);
      trx.record({ event: "password_changed", userId, sid: keepSid, ...origin, detail: { endedSessions } });
      return { outcome: "changed", endedSessions };
    });
  }

  /** Sessions live on; tokens that still state the old roles are dead at once. */
  async setRoles(userId: string, roles: readonly string[], origin: Origin = {}): Promise<AccountChanged> {
    const { now } = this.#database;
    return this.#database.change(async (trx) => {
      const row = await trx.db
        .updateTable("users")
        .set({ roles: JSON.stringify(roles), updated_at: now() })
        .where("id", "=", userId)
        .returning(accountColumns)
        .executeTakeFirst();
      if (row === undefined) return { outcome: "unknown" };
      await refreshRolesOf(this.#database, trx, userId, row.roles);
      trx.record({ event: "roles_changed", userId, ...origin, detail: { roles } });
      return { outcome: "changed", account: accountOf(row) };
    });
  }

  /** Disabling ends all sessions in the same transaction; enabling brings none of them back. */
  async setStatus(userId: string, status: AccountStatus, origin: Origin = {}): Promise<AccountChanged> {
    const { now } = this.#database;
    return this.#database.change(async (trx) => {
      const row = await trx.db
        .updateTable("users")
        .set({
          status,
          updated_at: now(),
          // What was opened or checked before it was disabled must not rise again when it is enabled.
          ...(status === "disabled" ? { password_version: sql<number>`password_version + 1` } : {}),
        })
        .where("id", "=", userId)
        .returning(accountColumns)
        .executeTakeFirst();
      if (row === undefined) return { outcome: "unknown" };
      const endedSessions =
        status === "disabled" ? await endSessionsOf(this.#database, trx, userId, "disabled", null) : 0;
      const event = status === "disabled" ? "account_disabled" : "account_enabled";
      trx.record({ event, userId, ...origin, detail: { endedSessions } });
      return { outcome: "changed", account: accountOf(row) };
    });
  }

  /** Ends all sessions and removes the account with them. The trail keeps its id, nothing else. */
  async delete(userId: string, origin: Origin = {}): Promise<{ readonly outcome: "deleted" | "unknown" }> {
    return this.#database.change(async (trx) => {
      await holdUser(this.#database, trx.db, userId);
      const endedSessions = await endSessionsOf(this.#database, trx, userId, "deleted", null);
      const { numDeletedRows } = await trx.db.deleteFrom("users").where("id", "=", userId).executeTakeFirst();
      if (numDeletedRows !== 1n) return { outcome: "unknown" };
      trx.record({ event: "account_deleted", userId, ...origin, detail: { endedSessions } });
      return { outcome: "deleted" };
    });
  }
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
