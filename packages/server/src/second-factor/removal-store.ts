// What an account loses of its factors when its owner did not choose them.
import type { OtherCredentials } from "../accounts/other-credentials.ts";
import { factorRowsOf, setRequired } from "./factor-rows.ts";

/** Recovery codes go with the last factor. */
export const factorRemoval: OtherCredentials = {
  async removeAll({ db }, userId) {
    for (const table of ["totp", "passkeys", "factor_attempts"] as const)
      await db.deleteFrom(table).where("user_id", "=", userId).execute();
    await setRequired(db, userId, false);
  },

  async removeAddedSince({ db }, userId, sinceMs) {
    await db
      .deleteFrom("totp")
      .where("user_id", "=", userId)
      .where((on) => on.or([on("confirmed_at", "is", null), on("confirmed_at", ">=", sinceMs)]))
      .execute();
    for (const table of ["passkeys", "recovery_codes"] as const)
      await db.deleteFrom(table).where("user_id", "=", userId).where("created_at", ">=", sinceMs).execute();
    const left = await factorRowsOf(db, userId);
    if (left?.totp !== true && (left?.passkeys ?? 0) === 0) await setRequired(db, userId, false);
  },
};
