// Accounts that move in and out, many to a statement.
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { keepSchemes } from "../passwords/scheme-store.ts";
import type { Scheme } from "../passwords/stored-hash.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { AccountCredentials } from "./account.ts";
import type { ImportedAccount } from "./imported-account.ts";
import { credentialColumns, credentialsOf } from "./rows.ts";

/** What stands in the way of an account, or is it. */
export interface StandingAccount {
  readonly id: string;
  readonly emailKey: string;
  readonly passwordHash: string;
  readonly createdAtMs: number;
}

export interface WrittenAccount extends ImportedAccount {
  readonly passwordHash: string;
  readonly roles: readonly string[];
}

export interface TransferStore {
  /** The accounts that have one of these addresses or ids. */
  standing(accounts: readonly ImportedAccount[]): Promise<StandingAccount[]>;
  /**
   * Writes those whose address and id are free, in one transaction; answers their normalised
   * addresses. The trail has one event with the ids.
   */
  write(
    accounts: readonly WrittenAccount[],
    schemes: readonly Scheme[],
    origin: Origin,
  ): Promise<ReadonlySet<string>>;
  /** Every account in the order of the ids, page by page. */
  pages(): AsyncGenerator<readonly AccountCredentials[], void, undefined>;
}

const pageRows = 500;

export function createTransferStore(
  database: Database,
  randomBytes: RandomBytes = systemRandomBytes,
): TransferStore {
  const { db, now } = database;

  return {
    async standing(accounts) {
      if (accounts.length === 0) return [];
      const ids = accounts.flatMap(({ id }) => (id === undefined ? [] : [id]));
      const keys = accounts.map(({ email }) => email.key);
      const found = db.selectFrom("users").select(["id", "email_key", "password_hash", "created_at"]);
      const byKey = await found.where("email_key", "in", keys).execute();
      const byId = ids.length === 0 ? [] : await found.where("id", "in", ids).execute();
      return [...byKey, ...byId].map((row) => ({
        id: row.id,
        emailKey: row.email_key,
        passwordHash: row.password_hash,
        createdAtMs: row.created_at,
      }));
    },

    async write(accounts, schemes, origin) {
      if (accounts.length === 0) return new Set();
      return database.change(async ({ db: within, record }) => {
        const rows = await within
          .insertInto("users")
          .values((value) =>
            accounts.map((account) => ({
              id: account.id ?? newId(randomBytes),
              email: account.email.address,
              email_key: account.email.key,
              name: account.name,
              password_hash: account.passwordHash,
              password_version: 1,
              roles: JSON.stringify(account.roles),
              status: account.status,
              // Bound as a number, it would be a text to PostgreSQL beside an expression.
              created_at:
                account.createdAtMs === undefined
                  ? now()
                  : value.cast<number>(value.val(account.createdAtMs), "bigint"),
              updated_at: now(),
              locale: account.locale,
              email_verified_at: account.isEmailVerified
                ? now()
                : value.cast<number | null>(value.val(null), "bigint"),
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .returning(["id", "email_key"])
          .execute();
        if (rows.length > 0) {
          await keepSchemes(within, schemes);
          const detail = { count: rows.length, ids: rows.map(({ id }) => id) };
          record({ event: "accounts_imported", ...origin, detail });
        }
        return new Set(rows.map((row) => row.email_key));
      });
    },

    async *pages() {
      for (let after = ""; ;) {
        const rows = await db
          .selectFrom("users")
          .select(credentialColumns)
          .where("id", ">", after)
          .orderBy("id")
          .limit(pageRows)
          .execute();
        const last = rows.at(-1);
        if (last === undefined) return;
        yield rows.map(credentialsOf);
        after = last.id;
      }
    },
  };
}
