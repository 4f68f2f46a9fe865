// The second factor that somebody has shown, as the account had it then: judged again by the statement that counts it.
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

/** Each is told from one that came later in its place. */
export type FactorShown =
  /** The authenticator app of that time. */
  | { readonly kind: "totp"; readonly confirmedAtMs: number }
  /** A code of the ten that were made then. */
  | { readonly kind: "recovery_code"; readonly madeAtMs: number }
  | { readonly kind: "passkey"; readonly id: string };

/** The times of ten codes that were made together lie this close. */
const oneGoMs = 1000;

/** Whether the account of the row has it still. Undefined: none was shown, so there is nothing to judge. */
export function hasStill(
  factor: FactorShown | undefined,
): (on: ExpressionBuilder<Tables, "users">) => ExpressionWrapper<Tables, "users", SqlBool> {
  return (on) => {
    switch (factor?.kind) {
      case undefined:
        return on.lit(true);
      case "totp":
        return on.exists(
          on
            .selectFrom("totp")
            .select("totp.user_id")
            .whereRef("totp.user_id", "=", "users.id")
            .where("totp.confirmed_at", "=", factor.confirmedAtMs),
        );
      case "passkey":
        return on.exists(
          on
            .selectFrom("passkeys")
            .select("passkeys.id")
            .whereRef("passkeys.user_id", "=", "users.id")
            .where("passkeys.id", "=", factor.id),
        );
      case "recovery_code":
        // The code is used up, so what tells are the others: there are none, or they were made with it, in one go.
        return on.and([
          on("users.second_factor", "=", 1),
          on.not(
            on.exists(
              on
                .selectFrom("recovery_codes")
                .select("recovery_codes.user_id")
                .whereRef("recovery_codes.user_id", "=", "users.id")
                .where("recovery_codes.created_at", ">", factor.madeAtMs + oneGoMs),
            ),
          ),
        ]);
    }
  };
}

/** For sessions that no statement opens. */
export type HasFactorStill = (userId: string, factor: FactorShown) => Promise<boolean>;

export function createHasFactorStill({ db }: Pick<Database, "db">): HasFactorStill {
  return async (userId, factor) => {
    const row = await db
      .selectFrom("users")
      .select("users.id")
      .where("users.id", "=", userId)
      .where(hasStill(factor))
      .executeTakeFirst();
    return row !== undefined;
  };
}
