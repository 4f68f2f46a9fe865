// Opening an account again that too many wrong passwords have closed to unknown devices.
import { addressKeyOf } from "../accounts/email-address.ts";
import type { AccountStore } from "../accounts/store.ts";
import { ServiceError } from "../errors.ts";
import { rolesOfSession } from "../sessions/session.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { type AccountActor, originOfActor } from "./actor.ts";
import type { Permissions } from "./permissions.ts";

export interface UnlockingOptions {
  readonly accounts: Pick<AccountStore, "get" | "credentials">;
  readonly permissions: Permissions;
  readonly throttling: Pick<Throttling, "unlock">;
  /** @default none */
  readonly rolesWithSecondFactor?: ReadonlySet<string> | undefined;
}

/**
 * Forgets the wrong passwords at an account.
 *
 * @returns how many had come in a row
 * @throws ServiceError `not_found`, `forbidden`
 */
export type Unlock = (actor: AccountActor, userId: string) => Promise<number>;

export function createUnlock(options: UnlockingOptions): Unlock {
  const { accounts, permissions, throttling } = options;
  return async (actor, userId) => {
    const account = await accounts.get(userId);
    if (account === undefined) throw new ServiceError("not_found");
    const own = await accounts.credentials(actor.userId);
    const { amr = [] } = actor;
    const roles = own === undefined ? [] : rolesOfSession(own.account.roles, { ...own, amr }, options);
    const may =
      own?.account.status === "active" &&
      permissions.allow(roles, "users:write") &&
      permissions.cover(roles, account.roles);
    if (!may) throw new ServiceError("forbidden");
    const unlocked = await throttling.unlock(addressKeyOf(account.email), originOfActor(actor));
    return unlocked?.guessesInARow ?? 0;
  };
}
