// Opening an account again that too many wrong passwords have closed to unknown devices.
import { addressKeyOf } from "../accounts/email-address.ts";
import type { AccountStore } from "../accounts/store.ts";
import { ServiceError } from "../errors.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { type AccountActor, originOfActor } from "./actor.ts";
import type { Permissions } from "./permissions.ts";

export interface UnlockingOptions {
  readonly accounts: Pick<AccountStore, "get">;
  readonly permissions: Permissions;
  readonly throttling: Pick<Throttling, "unlock">;
}

/**
 * Forgets the wrong passwords at an account.
 *
 * @returns how many had come in a row
 * @throws ServiceError `not_found`, `forbidden`
 */
export type Unlock = (actor: AccountActor, userId: string) => Promise<number>;

export function createUnlock({ accounts, permissions, throttling }: UnlockingOptions): Unlock {
  return async (actor, userId) => {
    const account = await accounts.get(userId);
    if (account === undefined) throw new ServiceError("not_found");
    const own = await accounts.get(actor.userId);
    const may =
      own?.status === "active" &&
      permissions.allow(own.roles, "users:write") &&
      permissions.cover(own.roles, account.roles);
    if (!may) throw new ServiceError("forbidden");
    const unlocked = await throttling.unlock(addressKeyOf(account.email), originOfActor(actor));
    return unlocked?.guessesInARow ?? 0;
  };
}
