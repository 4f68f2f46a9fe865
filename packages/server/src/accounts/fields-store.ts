// What an app keeps with accounts: a value that was made of the present one replaces no other.
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import {
  type AskingAccount,
  type AskingRefusal,
  type AskingSession,
  createChangeAsked,
  createChangeAskedBy,
} from "../sessions/asking.ts";
import type { SessionLimits } from "../sessions/session.ts";
import { refreshRolesOf } from "../sessions/token-roles.ts";
import type { JsonObject } from "./account.ts";
import { accountColumns, accountOf, changesClaims } from "./rows.ts";
import type { AccountChanged } from "./standing-store.ts";

/** `outdated`: the account has changed since, and was not changed. */
export type FieldsChanged = AccountChanged | { readonly outcome: "outdated" | AskingRefusal };

export interface FieldsStore {
  /** With `asking`, only while that session lives. */
  changeMetadata(
    change: {
      readonly userId: string;
      /** Of the account that the new value was made of. */
      readonly accountVersion: number;
      readonly metadata: JsonObject;
      /** Undefined: it stays. */
      readonly name?: string | null | undefined;
    },
    origin?: Origin,
    asking?: AskingSession,
  ): Promise<FieldsChanged>;
  /** With `by`, while that account may. */
  changeAppMetadata(
    change: {
      readonly userId: string;
      readonly accountVersion: number;
      readonly appMetadata: JsonObject;
      /** Whether the access tokens of before are refused from now on; the sessions live on. */
      readonly revokesTokens: boolean;
    },
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<FieldsChanged>;
}

export function createFieldsStore(database: Database, limits: SessionLimits): FieldsStore {
  const changeAsked = createChangeAsked(database, limits);
  const changeAskedBy = createChangeAskedBy(database, limits);

  async function update(
    { db }: Change,
    userId: string,
    accountVersion: number,
    values: { metadata?: string; app_metadata?: string; name?: string | null },
  ): Promise<Extract<FieldsChanged, { outcome: "changed" }> | { readonly outcome: "unknown" | "outdated" }> {
    const row = await db
      .updateTable("users")
      .set({ ...values, updated_at: database.now(), ...changesClaims })
      .where("id", "=", userId)
      .where("claims_version", "=", accountVersion)
      .returning(accountColumns)
      .executeTakeFirst();
    if (row !== undefined) return { outcome: "changed", account: accountOf(row) };
    const known = await db.selectFrom("users").select("id").where("id", "=", userId).executeTakeFirst();
    return { outcome: known === undefined ? "unknown" : "outdated" };
  }

  return {
    changeMetadata({ userId, accountVersion, metadata, name }, origin = {}, asking) {
      return changeAsked(userId, asking, async (change) => {
        const values = { metadata: JSON.stringify(metadata), ...(name === undefined ? {} : { name }) };
        const result = await update(change, userId, accountVersion, values);
        const changed = Object.keys(values);
        if (result.outcome === "changed")
          change.record({ event: "account_changed", userId, ...origin, detail: { changed } });
        return result;
      });
    },

    changeAppMetadata({ userId, accountVersion, appMetadata, revokesTokens }, origin = {}, by) {
      return changeAskedBy(userId, by, async (change) => {
        const values = { app_metadata: JSON.stringify(appMetadata) };
        const result = await update(change, userId, accountVersion, values);
        if (result.outcome !== "changed") return result;
        // Their roles are the same, but tokens that were dated before are dead.
        if (revokesTokens)
          await refreshRolesOf(database, change, userId, JSON.stringify(result.account.roles));
        const detail = { changed: ["app_metadata"], revokedTokens: revokesTokens };
        change.record({ event: "account_changed", userId, ...origin, detail });
        return result;
      });
    },
  };
}
