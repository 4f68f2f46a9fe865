// The first way to a proof: an email address and its password.
import type { Accounts } from "../accounts/accounts.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Requester } from "../http/requester.ts";
import type { Throttling } from "../throttling/throttling.ts";
import type { Proof } from "./finish.ts";

export interface PasswordLogin {
  /** @throws ServiceError `invalid_credentials`, `too_many_attempts`, `busy` */
  prove(email: string, password: string, origin: Origin, requester?: Requester): Promise<Proof>;
}

export function createPasswordLogin(
  accounts: Pick<Accounts, "authenticate">,
  throttling: Pick<Throttling, "guess">,
): PasswordLogin {
  return {
    async prove(email, password, origin, requester) {
      const guesser = { addressKey: addressKeyOf(email), origin };
      const { account, passwordVersion } = await throttling.guess(guesser, () =>
        accounts.authenticate(email, password, requester),
      );
      return { account, passwordVersion, amr: ["pwd"] };
    },
  };
}
