// What an account loses of its factors when its owner did not choose them.
import { sql } from "kysely";
import type { OtherCredentials } from "../accounts/other-credentials.ts";

/** Recovery codes go with the last factor. */
export const factorRemoval: OtherCredentials = {
  async removeAll({ db }, userId) {
    for (const table of ["totp", "recovery_codes", "passkeys", "factor_attempts"] as const)
      await db.deleteFrom(table).where("user_id", "=", userId).execute();
    await db.updateTable("users").set({ second_factor: 0 }).where("id", "=", userId).execute();
  },

  async removeAddedSince({ db }, userId, sinceMs) {
    await db
      .deleteFrom("totp")
      .where("user_id", "=", userId)
      .where((on) => on.or([on("confirmed_at", "is", null), on("confirmed_at", ">=", sinceMs)]))
      .execute();
    for (const table of ["passkeys", "recovery_codes"] as const)
      await db.deleteFrom(table).where("user_id", "=", userId).where("created_at", ">=", sinceMs).execute();
    const { left } = await db
      .selectNoFrom((on) =>
        on
          .or([
            on.exists(on.selectFrom("totp").select("user_id").where("user_id", "=", userId)),
            on.exists(on.selectFrom("passkeys").select("id").where("user_id", "=", userId)),
          ])
          .as("left"),
      )
      .executeTakeFirstOrThrow();
    if (left) return;
    await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
    await db
      .updateTable("users")
      .set({ second_factor: sql<0>`0` })
      .where("id", "=", userId)
      .execute();
  },
};
