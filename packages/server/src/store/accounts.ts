// Accounts in the database.
import type { Kysely, Selectable } from "kysely";
import { nowMs } from "./clock.ts";
import type { Tables, UsersTable } from "./tables.ts";

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly roles: readonly string[];
  readonly status: "active" | "disabled";
  readonly createdAtMs: number;
}

export interface NewAccount {
  readonly id: string;
  readonly email: string;
  readonly emailKey: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly roles: readonly string[];
}

export type CreateAccountResult =
  | { readonly outcome: "created"; readonly account: Account }
  | { readonly outcome: "email_taken" };

export interface AccountsStore {
  create(account: NewAccount): Promise<CreateAccountResult>;
  findByEmailKey(emailKey: string): Promise<Account | undefined>;
  find(id: string): Promise<Account | undefined>;
  /** Only while the hash is still the one that was verified; otherwise nothing happens. */
  replacePasswordHash(change: {
    readonly id: string;
    readonly oldHash: string;
    readonly newHash: string;
  }): Promise<void>;
}

export function createAccountsStore(db: Kysely<Tables>): AccountsStore {
  return {
    async create({ emailKey, passwordHash, roles, ...rest }) {
      const row = await db
        .insertInto("users")
        .values({
          ...rest,
          email_key: emailKey,
          password_hash: passwordHash,
          roles: JSON.stringify(roles),
          status: "active",
          created_at: nowMs,
        })
        .onConflict((conflict) => conflict.column("email_key").doNothing())
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? { outcome: "email_taken" } : { outcome: "created", account: accountOf(row) };
    },

    async findByEmailKey(emailKey) {
      const row = await db
        .selectFrom("users")
        .selectAll()
        .where("email_key", "=", emailKey)
        .executeTakeFirst();
      return row && accountOf(row);
    },

    async find(id) {
      const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
      return row && accountOf(row);
    },

    async replacePasswordHash({ id, oldHash, newHash }) {
      await db
        .updateTable("users")
        .set({ password_hash: newHash })
        .where("id", "=", id)
        .where("password_hash", "=", oldHash)
        .execute();
    },
  };
}

function accountOf(row: Selectable<UsersTable>): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    roles: JSON.parse(row.roles) as string[],
    status: row.status,
    createdAtMs: row.created_at,
  };
}
