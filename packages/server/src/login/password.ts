// The first way to a proof: an email address and its password, by themselves or from a known device.
import type { AccountCredentials } from "../accounts/account.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { type EmailAddress, parseEmailAddress } from "../accounts/email-address.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Devices } from "../devices/devices.ts";
import { ServiceError } from "../errors.ts";
import type { Requester } from "../http/requester.ts";
import type { Throttling } from "../throttling/throttling.ts";
import type { Proof } from "./finish.ts";

export interface PasswordAttempt {
  readonly email: string;
  readonly password: string;
  /** What the client says it got at earlier logins, be it what it may. */
  readonly deviceTokens: readonly string[];
  readonly origin: Origin;
  readonly requester?: Requester | undefined;
}

export interface PasswordLogin {
  /** @throws ServiceError `invalid_credentials`, `too_many_attempts`, `busy` */
  prove(attempt: PasswordAttempt): Promise<Proof>;
}

export interface PasswordLoginOptions {
  /**
   * Where sign-up does not tell that an address has an account, its login with the password of that sign-up must not
   * either: an account whose address is not proved is as one with another password, to whoever is on an unknown device.
   *
   * @default false
   */
  readonly hidesUnproved?: boolean | undefined;
}

export function createPasswordLogin(
  accounts: Pick<Accounts, "authenticate">,
  throttling: Pick<Throttling, "guess">,
  devices: Pick<Devices, "recognise">,
  { hidesUnproved = false }: PasswordLoginOptions = {},
): PasswordLogin {
  async function authenticate(
    email: EmailAddress | undefined,
    { password, requester }: PasswordAttempt,
    device: string | undefined,
    untilMs: number,
  ): Promise<AccountCredentials> {
    const credentials = await accounts.authenticate(email, password, { ...requester, untilMs }, device);
    const isHidden = hidesUnproved && device === undefined && credentials.account.emailVerifiedAtMs === null;
    if (isHidden) throw new ServiceError("invalid_credentials");
    return credentials;
  }

  return {
    async prove(attempt) {
      const { deviceTokens, origin, requester } = attempt;
      const email = parseEmailAddress(attempt.email);
      const addressKey = email?.key ?? attempt.email;
      const device = await devices.recognise(deviceTokens, addressKey);
      const { account, passwordVersion, deviceEpoch } = await throttling.guess(
        { addressKey, origin, device: device?.id, signal: requester?.signal },
        (untilMs) => authenticate(email, attempt, device?.id, untilMs),
      );
      return { account, passwordVersion, deviceEpoch, device, amr: ["pwd"] };
    },
  };
}
