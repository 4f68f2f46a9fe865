// Which schemes of other systems the accounts have hashes of: judged when these were taken in.
import type { Kysely } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { type Scheme, schemeFamilies } from "./stored-hash.ts";

export interface SchemeStore {
  all(): Promise<Scheme[]>;
}

export function createSchemeStore({ db }: Pick<Database, "db">): SchemeStore {
  return {
    async all() {
      const rows = await db.selectFrom("password_schemes").selectAll().limit(64).execute();
      return rows.flatMap(({ name, family: text, memory_kibibytes: memoryKibibytes, work }) => {
        // A later release may know more of them.
        const family = schemeFamilies.find((one) => one === text);
        return family === undefined ? [] : [{ name, family, memoryKibibytes, work }];
      });
    },
  };
}

/** Within the change that writes hashes of theirs. */
export async function keepSchemes(db: Kysely<Tables>, schemes: readonly Scheme[]): Promise<void> {
  if (schemes.length === 0) return;
  const rows = schemes.map(({ name, family, memoryKibibytes, work }) => ({
    name,
    family,
    memory_kibibytes: Math.ceil(memoryKibibytes),
    work,
  }));
  await db
    .insertInto("password_schemes")
    .values(rows)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}
