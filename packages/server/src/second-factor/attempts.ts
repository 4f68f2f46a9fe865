// How often somebody may try a code: counted for the account before it is compared, in one statement.
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";

/** So many wrong codes lock the factors that can be guessed. */
const wrongUntilLock = 10;
const lockMs = 15 * 60_000;
/** So many in a row close them (NIST SP 800-63B-4 §3.2.2). */
const wrongUntilClosed = 100;

export type Counted =
  | { readonly outcome: "counted"; readonly locks: boolean }
  /** `waitMs`: until when; undefined: until a recovery code or an operator opens it. */
  | { readonly outcome: "locked"; readonly waitMs: number | undefined };

export interface FactorAttempts {
  /**
   * Takes the place of one guess. The account's row of attempts is held until the commit, so guesses that come at once
   * are judged one after the other.
   */
  count(change: Change, userId: string): Promise<Counted>;
  /** One more wrong one of a kind that is never locked. */
  countUnlocked(change: Change, userId: string): Promise<void>;
  /** Ten were wrong: locks, where `count` has said that this guess `locks`. */
  lock(change: Change, userId: string, origin: Origin): Promise<void>;
  /** A right one: nothing is held against the account any more. */
  forget(change: Change, userId: string): Promise<void>;
}

export function createFactorAttempts({ now }: Pick<Database, "now">): FactorAttempts {
  const one = { since_lock: sql<number>`since_lock + 1`, in_a_row: sql<number>`in_a_row + 1` };

  async function insert({ db }: Change, userId: string): Promise<void> {
    await db
      .insertInto("factor_attempts")
      .columns(["user_id", "since_lock", "in_a_row", "locked_until"])
      .expression((on) =>
        on
          .selectFrom("users")
          .select(["users.id", sql<number>`0`.as("a"), sql<number>`0`.as("b"), sql<number>`0`.as("c")])
          .where("users.id", "=", userId),
      )
      .onConflict((conflict) => conflict.column("user_id").doNothing())
      .execute();
  }

  return {
    async count(change, userId) {
      await insert(change, userId);
      const row = await change.db
        .updateTable("factor_attempts")
        .set(one)
        .where("user_id", "=", userId)
        .where("locked_until", "<=", now())
        .where("in_a_row", "<", wrongUntilClosed)
        .returning(["since_lock", "in_a_row"])
        .executeTakeFirst();
      if (row !== undefined)
        return {
          outcome: "counted",
          locks: row.since_lock >= wrongUntilLock || row.in_a_row >= wrongUntilClosed,
        };
      const held = await change.db
        .selectFrom("factor_attempts")
        .select(["locked_until", "in_a_row", now().as("now")])
        .where("user_id", "=", userId)
        .executeTakeFirst();
      const isOpenOnce = held !== undefined && held.in_a_row < wrongUntilClosed;
      return {
        outcome: "locked",
        waitMs: isOpenOnce ? Math.max(held.locked_until - held.now, 0) : undefined,
      };
    },

    async countUnlocked(change, userId) {
      await insert(change, userId);
      await change.db.updateTable("factor_attempts").set(one).where("user_id", "=", userId).execute();
    },

    async lock(change, userId, origin) {
      const row = await change.db
        .updateTable("factor_attempts")
        .set({ since_lock: 0, locked_until: sql<number>`${now()} + ${sql.lit(lockMs)}` })
        .where("user_id", "=", userId)
        .returning("in_a_row")
        .executeTakeFirst();
      change.record({ event: "factor_locked", userId, ...origin, detail: { wrong: row?.in_a_row ?? 0 } });
    },

    async forget({ db }, userId) {
      // The row stays: guesses that wait for it must find it.
      await db
        .updateTable("factor_attempts")
        .set({ since_lock: 0, in_a_row: 0, locked_until: 0 })
        .where("user_id", "=", userId)
        .execute();
    },
  };
}
