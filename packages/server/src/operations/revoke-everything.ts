// The brake for when nobody knows which tokens are in wrong hands.
import Type from "typebox";
import { strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import { revokeEverything } from "../sessions/revoke-everything.ts";
import { type Operation, operator } from "./operation.ts";

export const revokeAllTokens: Operation<Record<never, never>, { tokens_before: string }> = {
  name: "revoke-everything",
  input: Type.Object({}, strict),
  async run({ database, auditSealing }) {
    await auditSealing();
    const { tokensBefore } = await revokeEverything(database, operator);
    return { tokens_before: isoTime(tokensBefore * 1000) };
  },
};
