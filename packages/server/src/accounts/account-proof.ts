// What somebody has shown for an account to be theirs, as it was checked: judged again by the statement that counts it.
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { AskingSession } from "../sessions/asking.ts";

export type AccountProof =
  | { readonly by: "session"; readonly asking: AskingSession }
  | { readonly by: "password"; readonly passwordVersion: number }
  | { readonly by: "device"; readonly deviceEpoch: number };

/** Of a password or device, a condition on the account's row. A session is held by `changeAsked`. */
export function stillHolds(
  proof: AccountProof | { readonly by: "none" },
): (on: ExpressionBuilder<Tables, "users">) => ExpressionWrapper<Tables, "users", SqlBool> {
  return (on) => {
    switch (proof.by) {
      case "password":
        return on("password_version", "=", proof.passwordVersion);
      case "device":
        return on("device_epoch", "=", proof.deviceEpoch);
      case "session":
      case "none":
        return on.lit(true);
    }
  };
}
