// The first way to a proof: an email address and its password.
import type { Accounts } from "../accounts/accounts.ts";
import type { Proof } from "./finish.ts";

export interface PasswordLogin {
  /** @throws ServiceError `invalid_credentials`, `busy` */
  prove(email: string, password: string): Promise<Proof>;
}

export function createPasswordLogin(accounts: Pick<Accounts, "authenticate">): PasswordLogin {
  return {
    async prove(email, password) {
      const { account, passwordVersion } = await accounts.authenticate(email, password);
      return { account, passwordVersion, amr: ["pwd"] };
    },
  };
}
