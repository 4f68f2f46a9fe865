// The first way to a proof: an email address and its password, by themselves or from a known device.
import type { Accounts } from "../accounts/accounts.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Devices } from "../devices/devices.ts";
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

export function createPasswordLogin(
  accounts: Pick<Accounts, "authenticate">,
  throttling: Pick<Throttling, "guess">,
  devices: Pick<Devices, "recognise">,
): PasswordLogin {
  return {
    async prove({ email, password, deviceTokens, origin, requester }) {
      const addressKey = addressKeyOf(email);
      const device = await devices.recognise(deviceTokens, addressKey);
      const { account, passwordVersion, deviceEpoch } = await throttling.guess(
        { addressKey, origin, device: device?.id, signal: requester?.signal },
        () => accounts.authenticate(email, password, requester, device?.id),
      );
      return { account, passwordVersion, deviceEpoch, device, amr: ["pwd"] };
    },
  };
}
