// What an account loses of its factors when its owner did not choose them.
import type { OtherCredentials } from "../accounts/other-credentials.ts";

/** Recovery codes and what wrong codes were counted go with the factors. */
export const factorRemoval: OtherCredentials = {
  async removeAll({ db }, userId) {
    for (const table of ["totp", "recovery_codes", "passkeys", "factor_attempts"] as const)
      await db.deleteFrom(table).where("user_id", "=", userId).execute();
    await db.updateTable("users").set({ second_factor: 0 }).where("id", "=", userId).execute();
  },
};
