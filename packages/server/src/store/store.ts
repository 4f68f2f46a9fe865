// The store: everything that outlives the process, in domain verbs that are atomic each.
import type { Kysely } from "kysely";
import { type AccountsStore, createAccountsStore } from "./accounts.ts";
import { migrate } from "./migrations/migrations.ts";
import { createSessionsStore, type SessionsStore } from "./sessions.ts";
import { openSqlite } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export type { Account } from "./accounts.ts";

export interface Store {
  readonly accounts: AccountsStore;
  readonly sessions: SessionsStore;
  /** The database itself, for tables of the application's own; the tables of this package are not its to touch. */
  readonly database: Kysely<unknown>;
  /** The sealed text by which the right master key is known; `undefined` before the first start ended. */
  readCanary(): Promise<Uint8Array | undefined>;
  /** Of many at once one wins; answers the one that stands. */
  placeCanary(sealed: Uint8Array): Promise<Uint8Array>;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens `sqlite:PATH` and brings its tables up to date. @throws StoreError */
export async function openStore(url: string): Promise<Store> {
  const db = openSqlite(url.replace(/^sqlite:/, ""));
  try {
    await migrate(db as Kysely<unknown>);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    accounts: createAccountsStore(db),
    sessions: createSessionsStore(db),
    database: db as Kysely<unknown>,
    readCanary: () => readCanary(db),
    async placeCanary(canary) {
      await db
        .insertInto("instance")
        .values({ id: 1, canary })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return (await readCanary(db)) ?? canary;
    },
    async ping() {
      await db.selectFrom("instance").select("id").execute();
    },
    close: () => db.destroy(),
  };
}

async function readCanary(db: Kysely<Tables>): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom("instance").select("canary").where("id", "=", 1).executeTakeFirst();
  return row?.canary;
}
