// Mail that anybody may ask for by naming an address: the same for every one of them.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { Locale } from "../mail/locale.ts";
import type { Mailing, RequestedMail } from "../mail/store.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { parseEmailAddress } from "./email-address.ts";

/**
 * Looks up nothing: what happens here does not tell whether the address has an account.
 *
 * @throws ServiceError `email_invalid`, `mail_off`, `too_many_attempts`
 */
export type AskForMail = (
  purpose: RequestedMail["purpose"],
  email: string,
  locale: Locale,
  origin: Origin,
) => Promise<void>;

export function createAskForMail(
  mailing: Pick<Mailing, "isOn" | "request">,
  throttling: Pick<Throttling, "mail">,
): AskForMail {
  return async (purpose, emailText, locale, origin) => {
    if (!mailing.isOn) throw new ServiceError("mail_off");
    await throttling.mail(origin, async () => {
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      const { address, key: addressKey } = email;
      await mailing.request({ purpose, address, addressKey, locale });
    });
  };
}
