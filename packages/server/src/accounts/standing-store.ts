// Where an account stands: its roles, whether it may log in, and its end.
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import {
  type AskingAccount,
  type AskingRefusal,
  type AskingSession,
  createChangeAsked,
  createChangeAskedBy,
} from "../sessions/asking.ts";
import { endSessionsOf } from "../sessions/ending.ts";
import type { SessionLimits } from "../sessions/session.ts";
import { refreshRolesOf } from "../sessions/token-roles.ts";
import type { Account, AccountStatus } from "./account.ts";
import type { Administrators, Standing } from "./administrators.ts";
import { accountColumns, accountOf, changesClaims } from "./rows.ts";

export type AccountChanged =
  | { readonly outcome: "changed"; readonly account: Account }
  | { readonly outcome: "unknown" };

/** `last_administrator`: nobody would be left who may do everything, so nothing was changed. */
export type StandingChanged = AccountChanged | { readonly outcome: "last_administrator" | AskingRefusal };

/** What the owner of an account has shown to remove it. */
export interface OwnersProof {
  readonly asking: AskingSession;
  readonly passwordVersion: number;
}

/**
 * The verbs that can take away what an account may do. None of them takes it from the last
 * administrator. With `by`, each is done only while that account may.
 */
export interface StandingStore {
  /** Sessions live on; tokens that still state the old roles are dead at once. */
  setRoles(
    userId: string,
    roles: readonly string[],
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<StandingChanged>;
  /**
   * Disabling ends all sessions and forgets all devices in the same transaction; enabling brings none
   * of them back.
   */
  setStatus(
    userId: string,
    status: AccountStatus,
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<StandingChanged>;
  /**
   * Ends all sessions and removes the account with them. The trail keeps its id, nothing else.
   * With a proof, only while its password is the one that was checked and the session that asked
   * lives.
   */
  delete(
    userId: string,
    origin?: Origin,
    asked?: OwnersProof | AskingAccount,
  ): Promise<{ readonly outcome: "deleted" | "unknown" | "last_administrator" | AskingRefusal }>;
}

export function createStandingStore(
  database: Database,
  limits: SessionLimits,
  administrators: Administrators,
): StandingStore {
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);
  const changeAskedBy = createChangeAskedBy(database, limits);

  /** The account's row is held: what is true of it now is true until the commit. */
  async function standingOf(
    { db }: Change,
    userId: string,
    passwordVersion?: number,
  ): Promise<Standing | undefined> {
    const row = await db
      .selectFrom("users")
      .select(["roles", "status"])
      .where("id", "=", userId)
      .$if(passwordVersion !== undefined, (query) =>
        query.where("password_version", "=", passwordVersion ?? 0),
      )
      .executeTakeFirst();
    return row && { roles: JSON.parse(row.roles) as string[], status: row.status };
  }

  /** Whether another administrator must be left; if so, nobody else unmakes one until the commit. */
  async function needsAnother(change: Change, before: Standing, after?: Standing): Promise<boolean> {
    if (!administrators.isOne(before) || (after !== undefined && administrators.isOne(after))) return false;
    await administrators.hold(change);
    return true;
  }

  async function update(
    change: Change,
    userId: string,
    values: Partial<Standing>,
  ): Promise<
    { readonly outcome: "unknown" | "last_administrator" } | Extract<AccountChanged, { outcome: "changed" }>
  > {
    const before = await standingOf(change, userId);
    if (before === undefined) return { outcome: "unknown" };
    const isUnmade = await needsAnother(change, before, { ...before, ...values });
    const { roles, status } = values;
    const row = await change.db
      .updateTable("users")
      .set({
        ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
        ...(status === undefined ? {} : { status }),
        // What was opened or checked before it was disabled must not rise again when it is enabled.
        ...(status === "disabled"
          ? { password_version: sql<number>`password_version + 1`, ...forgetsDevices }
          : {}),
        updated_at: now(),
        ...changesClaims,
      })
      .where("id", "=", userId)
      .$if(isUnmade, (query) => query.where((on) => administrators.exist(on, userId)))
      .returning(accountColumns)
      .executeTakeFirst();
    return row === undefined
      ? { outcome: "last_administrator" }
      : { outcome: "changed", account: accountOf(row) };
  }

  async function remove(
    change: Change,
    userId: string,
    origin: Origin,
    passwordVersion?: number,
  ): Promise<{ readonly outcome: "deleted" | "unknown" | "last_administrator" }> {
    const before = await standingOf(change, userId, passwordVersion);
    if (before === undefined) return { outcome: "unknown" };
    // Asked before the sessions end: the end of the account takes their rows with it.
    const isUnmade = await needsAnother(change, before);
    const mayGo = await change.db
      .selectFrom("users")
      .select("id")
      .where("id", "=", userId)
      .$if(isUnmade, (query) => query.where((on) => administrators.exist(on, userId)))
      .executeTakeFirst();
    if (mayGo === undefined) return { outcome: "last_administrator" };
    const endedSessions = await endSessionsOf(database, change, userId, "deleted", null);
    // Mail that was not sent yet; codes, devices and sessions go with the account's row.
    await change.db.deleteFrom("outbox").where("user_id", "=", userId).execute();
    await change.db.deleteFrom("users").where("id", "=", userId).execute();
    change.record({ event: "account_deleted", userId, ...origin, detail: { endedSessions } });
    return { outcome: "deleted" };
  }

  return {
    async setRoles(userId, roles, origin = {}, by) {
      return changeAskedBy(userId, by, async (change) => {
        const result = await update(change, userId, { roles });
        if (result.outcome !== "changed") return result;
        await refreshRolesOf(database, change, userId, JSON.stringify(roles));
        change.record({ event: "roles_changed", userId, ...origin, detail: { roles } });
        return result;
      });
    },

    async setStatus(userId, status, origin = {}, by) {
      return changeAskedBy(userId, by, async (change) => {
        const result = await update(change, userId, { status });
        if (result.outcome !== "changed") return result;
        const endedSessions =
          status === "disabled" ? await endSessionsOf(database, change, userId, "disabled", null) : 0;
        const event = status === "disabled" ? "account_disabled" : "account_enabled";
        change.record({ event, userId, ...origin, detail: { endedSessions } });
        return result;
      });
    },

    async delete(userId, origin = {}, asked) {
      if (asked !== undefined && "passwordVersion" in asked)
        return changeAsked(userId, asked.asking, (change) =>
          remove(change, userId, origin, asked.passwordVersion),
        );
      return changeAskedBy(userId, asked, (change) => remove(change, userId, origin));
    },
  };
}
