// What the features have sent: mail that an address asked for, and notices of what happened to an account.

import type { Change, Database } from "../database/database.ts";
import { deviceNameOf } from "./device-name.ts";
import type { FactorName, MailPurpose } from "./letter.ts";
import { knownLocale, type Locale } from "./locale.ts";
import type { Outbox } from "./outbox-store.ts";
import type { MailRequests } from "./requests-store.ts";

/** Mail that somebody asks for by naming an address. */
export interface RequestedMail {
  readonly purpose: Extract<
    MailPurpose,
    "verify_address" | "confirm_address" | "reset_password" | "invitation" | "address_taken"
  >;
  /** As it is written to; whether it has an account, the worker looks up. */
  readonly address: string;
  readonly addressKey: string;
  /** For an address that has no account. */
  readonly locale: Locale;
  /** Who asks, where that is known: a change of address. */
  readonly userId?: string | undefined;
  /** Of an invitation, the invitation that it is about. */
  readonly invitationId?: string | undefined;
  /** `false`: nobody without rights asked for it, so it is none of the three an hour. @default true */
  readonly isCounted?: boolean | undefined;
}

/** A way to a new password that nobody without rights asked for: of an account, as its row says. */
export function resetMailTo(account: {
  readonly email: string;
  readonly email_key: string;
  readonly locale: string;
}): RequestedMail {
  const { email: address, email_key: addressKey } = account;
  const locale = knownLocale(account.locale);
  return { purpose: "reset_password", address, addressKey, locale, isCounted: false };
}

/** Something that happened to an account, which its owner must hear of. */
export type Notice = { readonly userId: string } & (
  | {
      readonly kind: "new_device";
      readonly sid: string;
      readonly userAgent: string | null;
      readonly networkAddress: string | null;
    }
  | { readonly kind: "password_changed" | "address_restored" }
  | { readonly kind: "factor_added" | "factor_removed"; readonly factor: FactorName }
  | {
      readonly kind: "address_changed";
      /** The earlier address, which is told. */
      readonly address: string;
      readonly addressKey: string;
      /** The change that can be undone; null: it cannot. */
      readonly changeId: string | null;
    }
);

/** Written in the transaction of whatever happened: a change without its notice cannot be. */
export interface Notices {
  /** Call it after the account's row is as it is meant to be. */
  tell(change: Change, notice: Notice): Promise<void>;
}

export interface Mailing extends Notices {
  /** Whether any mail can be sent. */
  readonly isOn: boolean;
  /** One row, whether or not the address is known; none beyond three an hour. */
  request(mail: RequestedMail): Promise<void>;
  /** The same as part of a change. */
  requestIn(change: Change, mail: RequestedMail): Promise<void>;
}

export interface MailingOptions {
  readonly database: Pick<Database, "change" | "now">;
  readonly outbox: Pick<Outbox, "put">;
  readonly requests: Pick<MailRequests, "take">;
}

/** Where no mail can be sent, nothing is written down that would wait for ever. */
export const noMailing: Mailing = {
  isOn: false,
  tell: async () => {},
  request: async () => {},
  requestIn: async () => {},
};

export function createMailing({ database, outbox, requests }: MailingOptions): Mailing {
  async function requestIn(
    change: Change,
    { purpose, address, addressKey, locale, userId, invitationId, isCounted = true }: RequestedMail,
  ): Promise<void> {
    if (isCounted && !(await requests.take(change, purpose, addressKey))) return;
    const content = {
      to: address,
      addressKey,
      ...(invitationId !== undefined && { details: { invitationId } }),
    };
    await outbox.put(change, { purpose, userId: userId ?? null, locale, content });
  }

  return {
    isOn: true,
    requestIn,
    request: (mail) => database.change((change) => requestIn(change, mail)),

    async tell(change, notice) {
      const { kind, userId } = notice;
      const account = await change.db
        .selectFrom("users")
        .select(["email", "email_key", "locale", "email_verified_at", database.now().as("now")])
        .where("id", "=", userId)
        .executeTakeFirst();
      if (account === undefined) return;
      const { address, addressKey } =
        notice.kind === "address_changed"
          ? notice
          : { address: account.email, addressKey: account.email_key };
      // Nobody must be able to fill a mailbox by signing up with its address.
      const isProved =
        notice.kind === "address_changed" ? notice.changeId !== null : account.email_verified_at !== null;
      if (!isProved && !(await requests.take(change, kind, addressKey))) return;
      await outbox.put(change, {
        purpose: kind,
        userId,
        locale: knownLocale(account.locale),
        content: { to: address, addressKey, details: { atMs: account.now, ...detailsOf(notice) } },
      });
    },
  };
}

function detailsOf(notice: Notice): Readonly<Record<string, string | null>> {
  switch (notice.kind) {
    case "new_device":
      return {
        sid: notice.sid,
        networkAddress: notice.networkAddress,
        ...deviceNameOf(notice.userAgent),
      };
    case "factor_added":
    case "factor_removed":
      return { factor: notice.factor };
    case "address_changed":
      return { changeId: notice.changeId };
    case "password_changed":
    case "address_restored":
      return {};
  }
}
