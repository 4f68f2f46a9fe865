// The first way to a proof: an email address and its password.
import type { Accounts } from "../accounts/accounts.ts";
import type { Requester } from "../http/requester.ts";
import type { Proof } from "./finish.ts";

export interface PasswordLogin {
  /** @throws ServiceError `invalid_credentials`, `busy` */
  prove(email: string, password: string, requester?: Requester): Promise<Proof>;
}

export function createPasswordLogin(accounts: Pick<Accounts, "authenticate">): PasswordLogin {
  return {
    async prove(email, password, requester) {
      const { account, passwordVersion } = await accounts.authenticate(email, password, requester);
      return { account, passwordVersion, amr: ["pwd"] };
    },
  };
}
