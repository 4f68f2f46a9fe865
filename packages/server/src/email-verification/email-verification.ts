// Confirming an address: a mail to it, and what was in the mail for the account's `email_verified`.
import type { AskForMail } from "../accounts/asking-for-mail.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import type { AccountStore } from "../accounts/store.ts";
import type { Origin } from "../database/audit-event.ts";
import type { EmailChange } from "../email-change/email-change.ts";
import type { Devices } from "../devices/devices.ts";
import { ServiceError } from "../errors.ts";
import type { Requester } from "../http/requester.ts";
import type { PasswordLogin } from "../login/password.ts";
import type { Locale } from "../mail/locale.ts";
import type { Presented } from "../one-time-codes/one-time-codes.ts";
import { orSpare, type ShowCode } from "../one-time-codes/show.ts";
import type { CurrentSession } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { ShownProof, EmailVerificationStore } from "./store.ts";

/** What somebody shows beside the code, for the account to be theirs, too. */
export interface ShownWithCode {
  readonly session: CurrentSession | undefined;
  readonly password: string | undefined;
  readonly deviceTokens: readonly string[];
}

export interface EmailVerification {
  /**
   * Asks for a mail, and looks up nothing: what happens here is the same for every address.
   *
   * @throws ServiceError `email_invalid`, `mail_off`, `too_many_attempts`
   */
  request(email: string, locale: Locale, origin: Origin): Promise<void>;
  /**
   * A password that is wrong is refused, and leaves link and code as they were. An address that an account changes to
   * counts only for who shows that the account is theirs.
   *
   * @throws ServiceError `code_invalid`, `proof_needed`, `email_taken`, `invalid_credentials`, `too_many_attempts`, `busy`, `logged_out`
   */
  verify(
    presented: Presented,
    shown: ShownWithCode,
    origin: Origin,
    requester?: Requester,
  ): Promise<{ readonly passwordVoided: boolean }>;
}

export interface EmailVerificationOptions {
  readonly store: EmailVerificationStore;
  readonly askForMail: AskForMail;
  readonly showCode: ShowCode;
  readonly accounts: Pick<AccountStore, "get">;
  readonly passwordLogin: PasswordLogin;
  readonly devices: Pick<Devices, "recognise">;
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking" | "endOthers">;
  /** Confirms an address that an account changes to. */
  readonly confirmChange: EmailChange["confirm"];
}

export function createEmailVerification(options: EmailVerificationOptions): EmailVerification {
  const { store, askForMail, showCode, accounts, passwordLogin, devices, sessionStore, confirmChange } =
    options;

  async function proofOf(
    userId: string,
    { session, password, deviceTokens }: ShownWithCode,
    origin: Origin,
    requester: Requester,
  ): Promise<ShownProof> {
    const account = await accounts.get(userId);
    if (account === undefined) throw new ServiceError("code_invalid");
    const { email } = account;
    if (session?.userId === userId) return { by: "session", asking: sessionStore.asking(session) };
    if (password !== undefined) {
      const { passwordVersion } = await passwordLogin.prove({
        email,
        password,
        deviceTokens,
        origin,
        requester,
      });
      return { by: "password", passwordVersion };
    }
    const device = await devices.recognise(deviceTokens, addressKeyOf(email));
    return device === undefined ? { by: "none" } : { by: "device", deviceEpoch: device.epoch };
  }

  return {
    request: (email, locale, origin) => askForMail("verify_address", email, locale, origin),

    async verify(presented, shown, origin, requester = {}) {
      const right = await showCode(presented, ["verify_address", "confirm_address"], origin);
      const code = right.found;
      const { userId } = code;
      const proof = await orSpare(right, async () => {
        const checked = await proofOf(userId, shown, origin, requester);
        if (code.purpose === "confirm_address" && checked.by === "none")
          throw new ServiceError("proof_needed");
        return checked;
      });
      if (code.purpose === "confirm_address") {
        if (proof.by !== "none") await confirmChange(code, proof, origin);
        return { passwordVoided: false };
      }
      return sessionStore.inTurn(userId, async () => {
        const result = await store.verify(code, proof, origin);
        if (result.outcome === "logged_out") throw new ServiceError("logged_out");
        if (result.outcome === "over") throw new ServiceError("code_invalid");
        if (result.passwordVoided) await sessionStore.endOthers(userId, null, "unproved", origin);
        return { passwordVoided: result.passwordVoided };
      });
    },
  };
}
