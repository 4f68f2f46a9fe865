// A forgotten password: a mail to whoever has the address, and a new password for whoever shows what was in it.
import type { AskForMail } from "../accounts/asking-for-mail.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import type { AccountStore } from "../accounts/store.ts";
import { describeToApp } from "../accounts/claims-account.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import { type HookRunner, noHooks } from "../hooks/hooks.ts";
import type { Requester } from "../http/requester.ts";
import type { Locale } from "../mail/locale.ts";
import type { Presented } from "../one-time-codes/one-time-codes.ts";
import { orSpare, type ShowCode } from "../one-time-codes/show.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import type { PasswordPolicy } from "../passwords/policy.ts";
import { provenTurn } from "../passwords/turn.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Throttling } from "../throttling/throttling.ts";
import type { PasswordResetStore } from "./store.ts";

export interface PasswordReset {
  /**
   * Asks for a mail, and looks up nothing: what happens here is the same for every address.
   *
   * @throws ServiceError `email_invalid`, `mail_off`, `too_many_attempts`
   */
  forgotten(email: string, locale: Locale, origin: Origin): Promise<void>;
  /**
   * Sets the new password. It logs nobody in, so a second factor is asked for as always.
   *
   * @throws ServiceError `code_invalid`, `too_many_attempts`, `busy`; `password_*`, which leaves link and code as they were
   */
  reset(
    presented: Presented,
    newPassword: string,
    origin: Origin,
    requester?: Requester,
  ): Promise<{ readonly userId: string; readonly deviceEpoch: number }>;
}

export interface PasswordResetOptions {
  readonly store: Pick<PasswordResetStore, "reset">;
  readonly askForMail: AskForMail;
  readonly showCode: ShowCode;
  readonly accounts: Pick<AccountStore, "get">;
  readonly hashing: Pick<PasswordHashing, "hash">;
  /** Told of it, for the sessions that the database does not know of. */
  readonly sessionStore: Pick<SessionStore, "inTurn" | "endOthers">;
  readonly throttling: Pick<Throttling, "unlock">;
  readonly hooks?: Pick<HookRunner, "before" | "after"> | undefined;
  /** Told of what failed once the password was set. */
  readonly onError: (error: unknown) => void;
  readonly passwordPolicy: PasswordPolicy;
}

export function createPasswordReset(options: PasswordResetOptions): PasswordReset {
  const { store, askForMail, showCode, accounts, hashing, sessionStore, throttling } = options;
  const { onError, hooks = noHooks, passwordPolicy } = options;

  return {
    forgotten: (email, locale, origin) => askForMail("reset_password", email, locale, origin),

    async reset(presented, newPassword, origin, requester = {}) {
      const right = await showCode(presented, ["reset_password"], origin);
      const code = right.found;
      const { userId } = code;
      const { address, newHash, told } = await orSpare(right, async () => {
        const account = await accounts.get(userId);
        if (account === undefined) throw new ServiceError("code_invalid");
        const { email, name } = account;
        const accepted = passwordPolicy.accept(newPassword, [email, name ?? ""]);
        const hash = await hashing.hash(accepted, provenTurn(requester));
        const event = { account: describeToApp(account) };
        await hooks.before("passwordChange", event);
        return { address: email, newHash: hash, told: event };
      });
      return sessionStore.inTurn(userId, async () => {
        const result = await store.reset({ code, newHash }, origin);
        if (result.outcome === "over") throw new ServiceError("code_invalid");
        hooks.after("passwordChange", told);
        await sessionStore.endOthers(userId, null, "password_reset", origin);
        // Whoever guessed at the old password knows nothing of the new one (NIST SP 800-63B-4 §3.2.2).
        await throttling.unlock(addressKeyOf(address), origin).catch(onError);
        return { userId, deviceEpoch: result.deviceEpoch };
      });
    },
  };
}
