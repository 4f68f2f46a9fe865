// The entries of the feed as an operator reads them: newest first, a page at a time.

import type { Database } from "../database/database.ts";
import type { RevocationsTable } from "../database/tables.ts";

export interface RevocationListing {
  /** At most `limit` of those that are kept, before the entry of this number. */
  (page: { readonly before: number; readonly limit: number }): Promise<readonly RevocationsTable[]>;
}

export function createRevocationListing(database: Pick<Database, "db" | "seal">): RevocationListing {
  return async ({ before, limit }) => {
    await database.seal();
    return database.db
      .selectFrom("revocations")
      .select(["seq", "sid", "kid", "tokens_before", "expires_at"])
      .where("seq", "<", before)
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
  };
}
