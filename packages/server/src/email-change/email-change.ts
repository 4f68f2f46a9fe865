// Another address: who may ask for it, who confirms it, and who has the old one back.
import type { AccountProof } from "../accounts/account-proof.ts";
import type { Accounts, AskingOwner } from "../accounts/accounts.ts";
import { parseEmailAddress } from "../accounts/email-address.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { Requester } from "../http/requester.ts";
import type { Mailing } from "../mail/store.ts";
import type { RightCode } from "../one-time-codes/one-time-codes.ts";
import type { ShowCode } from "../one-time-codes/show.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Throttling } from "../throttling/throttling.ts";
import type { EmailChangeStore } from "./store.ts";

export interface EmailChange {
  /**
   * Asks the new address to confirm. The answer is the same whether or not it has an account.
   *
   * @throws ServiceError `email_invalid`, `mail_off`, `too_many_attempts`, `logged_out`, and what `Accounts.proveFresh`
   *   throws
   */
  request(
    asking: AskingOwner,
    email: string,
    password: string | undefined,
    origin: Origin,
    requester?: Requester,
  ): Promise<void>;
  /** @throws ServiceError `code_invalid`, `email_taken`, `logged_out` */
  confirm(code: RightCode["found"], proof: AccountProof, origin: Origin): Promise<void>;
  /** @throws ServiceError `code_invalid`, `too_many_attempts` */
  undo(token: string, origin: Origin): Promise<void>;
}

export interface EmailChangeOptions {
  readonly store: Pick<EmailChangeStore, "request" | "confirm" | "undo">;
  readonly mailing: Pick<Mailing, "isOn">;
  readonly showCode: ShowCode;
  readonly accounts: Pick<Accounts, "proveFresh">;
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking" | "endOthers">;
  readonly throttling: Pick<Throttling, "mail">;
}

export function createEmailChange(options: EmailChangeOptions): EmailChange {
  const { store, mailing, showCode, accounts, sessionStore, throttling } = options;

  return {
    async request(asking, emailText, password, origin, requester) {
      if (!mailing.isOn) throw new ServiceError("mail_off");
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      const { userId } = asking;
      await throttling.mail(origin, async () => {
        const { passwordVersion } = await accounts.proveFresh(asking, password, origin, requester);
        await sessionStore.inTurn(userId, async () => {
          const { outcome } = await store.request({
            userId,
            asking: sessionStore.asking(asking),
            passwordVersion,
            address: email.address,
            addressKey: email.key,
          });
          // Another password, or no account any more: whoever asked has to show again who they are.
          if (outcome !== "requested") throw new ServiceError("logged_out");
        });
      });
    },

    async confirm(code, proof, origin) {
      await sessionStore.inTurn(code.userId, async () => {
        const { outcome } = await store.confirm(code, proof, origin);
        if (outcome === "over") throw new ServiceError("code_invalid");
        if (outcome !== "changed") throw new ServiceError(outcome);
      });
    },

    async undo(token, origin) {
      const { found: code } = await showCode({ token }, ["undo_address"], origin);
      const { userId } = code;
      await sessionStore.inTurn(userId, async () => {
        const { outcome } = await store.undo(code, origin);
        if (outcome === "over") throw new ServiceError("code_invalid");
        await sessionStore.endOthers(userId, null, "address_undone", origin);
      });
    },
  };
}
