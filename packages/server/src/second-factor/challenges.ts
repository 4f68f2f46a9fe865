// Challenges are spent in the transaction of what they were for: of many at once, one wins.
import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
import { pageRows, removeByPages } from "../database/paging.ts";

/** A challenge that was opened. */
export interface Spendable {
  readonly id: string;
  readonly expiresAtMs: number;
}

export interface SpentChallenges {
  /** Whether this is its first use. Undone with the transaction. */
  spend(change: Change, challenge: Spendable): Promise<boolean>;
  /** Gives it back in the same transaction: what came with it was wrong. */
  giveBack(change: Change, challenge: Spendable): Promise<void>;
  /** Forgets those that no clock could still take for good. Returns how many. */
  prune(signal?: AbortSignal): Promise<number>;
}

/** Longer than any two clocks of an installation differ. */
const keepMs = 86_400_000;

export function createSpentChallenges({ db: plain, now }: Pick<Database, "db" | "now">): SpentChallenges {
  return {
    async spend({ db }, { id, expiresAtMs }) {
      const row = await db
        .insertInto("spent_challenges")
        .values({ id, expires_at: expiresAtMs })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },

    async giveBack({ db }, { id }) {
      await db.deleteFrom("spent_challenges").where("id", "=", id).execute();
    },

    prune(signal) {
      return removeByPages(
        "",
        async () => {
          const { numDeletedRows } = await plain
            .deleteFrom("spent_challenges")
            .where("id", "in", (on) =>
              on
                .selectFrom("spent_challenges")
                .select("id")
                .where("expires_at", "<", sql<number>`${now()} - ${sql.lit(keepMs)}`)
                .limit(pageRows),
            )
            .executeTakeFirst();
          const removed = Number(numDeletedRows);
          return { removed, end: removed < pageRows ? undefined : "" };
        },
        signal,
      );
    },
  };
}
