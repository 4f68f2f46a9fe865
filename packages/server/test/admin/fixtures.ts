// Administrators and those who may do less, on stores, with a hash that costs nothing.
import { createPasswordPolicy } from "../../src/passwords/policy.ts";
import type { Account } from "../../src/accounts/account.ts";
import { type Administration, createAdministration } from "../../src/admin/administration.ts";
import type { AccountActor } from "../../src/admin/actor.ts";
import { createPermissions } from "../../src/admin/permissions.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import { permissions } from "../../src/settings/permissions.ts";
import { newAccount, openSession } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";

/** A role for each permission, and one that has all; `helper` may do what most helpers may. */
export const rolePermissions: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["admin", permissions],
  ["helper", ["users:read", "users:write", "sessions:write"]],
  ["granter", ["roles:write", "users:read"]],
  ...permissions.map((permission) => [permission, [permission]] as const),
]);

export const administratorRoles = ["admin"] as const;

export function administrationOn(store: Store): Administration {
  return createAdministration({
    accounts: store.accounts,
    search: store.accountSearch,
    sessions: store.sessions,
    sessionStore: createDatabaseSessions(store.sessions),
    sendReset: undefined,
    permissions: createPermissions(rolePermissions),
    hashing: { hash: async (password) => `hash of ${password}` },
    passwordPolicy: createPasswordPolicy({ minLength: 15 }),
  });
}

/** An account with these roles and a session of it, as the routes see whoever asks. */
export async function newActor(
  store: Store,
  roles: readonly string[],
): Promise<AccountActor & { account: Account }> {
  const account = await newAccount(store, roles);
  const { sid, issuedAt } = await openSession(store, account.id);
  return { account, userId: account.id, sid, issuedAt, address: "192.0.2.9" };
}

/** What the verb ended with: its result, or the code of the refusal. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "string") throw error;
    return code;
  }
}
