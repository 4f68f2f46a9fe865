// Accounts: who may log in, and what changes about them does to their sessions.

import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import { type Notices, noMailing } from "../mail/store.ts";
import { type AskingSession, createChangeAsked } from "../sessions/asking.ts";
import { endSessionsOf } from "../sessions/ending.ts";
import type { SessionGrant, SessionLimits } from "../sessions/session.ts";
import { openSuccessor, type SuccessorCarrier } from "../sessions/succession.ts";
import { refreshRolesOf } from "../sessions/token-roles.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Account, AccountCredentials, AccountStatus, NewAccount } from "./account.ts";
import { accountColumns, accountOf, credentialColumns, credentialsOf } from "./rows.ts";

export type AccountChanged =
  | { readonly outcome: "changed"; readonly account: Account }
  | { readonly outcome: "unknown" };

/** The session that asked for the change is over, so nothing was changed. */
interface LoggedOut {
  readonly outcome: "logged_out";
}

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
  /** With `asking`, only while that session lives. */
  changeName(
    userId: string,
    name: string | null,
    origin?: Origin,
    asking?: AskingSession,
  ): Promise<AccountChanged | LoggedOut>;
  /**
   * The same password under newer parameters: replaced only while the old hash still stands.
   * Sessions do not notice.
   */
  replacePasswordHash(userId: string, oldHash: string, newHash: string): Promise<"replaced" | "outdated">;
  /**
   * A new password, only while the one that was checked still stands (`passwordVersion`), and only
   * for active accounts. Every session of the user ends with it, and no device is known any more; the
   * session that asked has a successor, if it is kept in the database.
   */
  changePassword(
    change: {
      readonly userId: string;
      readonly passwordVersion: number;
      readonly newHash: string;
      readonly asked?: { readonly by: AskingSession; readonly successor: SuccessorCarrier } | undefined;
    },
    origin?: Origin,
  ): Promise<
    | {
        readonly outcome: "changed";
        readonly endedSessions: number;
        readonly successor: SessionGrant | undefined;
        readonly deviceEpoch: number;
      }
    | { readonly outcome: "outdated" }
    | LoggedOut
  >;
  /** Sessions live on; tokens that still state the old roles are dead at once. */
  setRoles(userId: string, roles: readonly string[], origin?: Origin): Promise<AccountChanged>;
  /**
   * Disabling ends all sessions and forgets all devices in the same transaction; enabling brings none
   * of them back.
   */
  setStatus(userId: string, status: AccountStatus, origin?: Origin): Promise<AccountChanged>;
  /**
   * Ends all sessions and removes the account with them. The trail keeps its id, nothing else.
   * With `proof`, only while its password is the one that was checked and the session that asked
   * lives.
   */
  delete(
    userId: string,
    origin?: Origin,
    proof?: { readonly asking: AskingSession; readonly passwordVersion: number },
  ): Promise<{ readonly outcome: "deleted" | "unknown" } | LoggedOut>;
}

export interface AccountStoreOptions {
  /** Tells owners of what happens to their accounts. @default nobody is told */
  readonly notices?: Notices | undefined;
  readonly randomBytes?: RandomBytes | undefined;
}

export function createAccountStore(
  database: Database,
  limits: SessionLimits,
  options: AccountStoreOptions = {},
): AccountStore {
  const { notices = noMailing, randomBytes = systemRandomBytes } = options;
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);

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
            locale: account.locale ?? "en",
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

    async changeName(userId, name, origin = {}, asking) {
      return changeAsked(userId, asking, async ({ db, record }) => {
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

    async changePassword({ userId, passwordVersion, newHash, asked }, origin = {}) {
      return changeAsked(userId, asked?.by, async (change) => {
        const changed = await change.db
          .updateTable("users")
          .set({
            password_hash: newHash,
            password_version: sql<number>`password_version + 1`,
            updated_at: now(),
            ...forgetsDevices,
          })
          .where("id", "=", userId)
          .where("password_version", "=", passwordVersion)
          .where("status", "=", "active")
          .returning("device_epoch")
          .executeTakeFirst();
        if (changed === undefined) return { outcome: "outdated" };
        const successor =
          asked === undefined || asked.by.isLiveHere !== undefined
            ? undefined
            : await openSuccessor(
                { database, limits, randomBytes },
                change,
                { sid: asked.by.sid, carrier: asked.successor },
                origin,
              );
        const endedSessions = await endSessionsOf(
          database,
          change,
          userId,
          "password_changed",
          successor?.sid ?? null,
        );
        change.record({
          event: "password_changed",
          userId,
          sid: asked?.by.sid ?? null,
          ...origin,
          detail: { endedSessions },
        });
        await notices.tell(change, { kind: "password_changed", userId });
        return { outcome: "changed", endedSessions, successor, deviceEpoch: changed.device_epoch };
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
            ...(status === "disabled"
              ? { password_version: sql<number>`password_version + 1`, ...forgetsDevices }
              : {}),
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

    async delete(userId, origin = {}, proof) {
      return changeAsked(userId, proof?.asking, async (change) => {
        // The row is held: what is true of it now is true until the commit.
        const held = await change.db
          .selectFrom("users")
          .select("id")
          .where("id", "=", userId)
          .$if(proof !== undefined, (query) =>
            query.where("password_version", "=", proof?.passwordVersion ?? 0),
          )
          .executeTakeFirst();
        if (held === undefined) return { outcome: "unknown" };
        const endedSessions = await endSessionsOf(database, change, userId, "deleted", null);
        await change.db.deleteFrom("users").where("id", "=", userId).execute();
        change.record({ event: "account_deleted", userId, ...origin, detail: { endedSessions } });
        return { outcome: "deleted" };
      });
    },
  };
}
