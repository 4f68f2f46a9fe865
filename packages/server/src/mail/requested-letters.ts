// What the worker makes of mail that somebody asked for by naming an address: only now is the account looked up.
import type { OneTimeCodes } from "../one-time-codes/one-time-codes.ts";
import type { CodePurpose } from "../one-time-codes/store.ts";
import type { LinkAndCode, MailPurpose } from "./letter.ts";
import type { Locale } from "./locale.ts";
import type { NoticePurpose, Prepare } from "./notices.ts";
import type { ClaimedMail } from "./outbox-store.ts";

/** An account as mail sees it. */
export interface MailAccount {
  readonly userId: string;
  readonly address: string;
  readonly addressKey: string;
  readonly locale: Locale;
  readonly isActive: boolean;
  /** Its owner has shown that the address is theirs. */
  readonly isProved: boolean;
  readonly passwordVersion: number;
}

export interface MailAccounts {
  at(addressKey: string): Promise<MailAccount | undefined>;
  get(userId: string): Promise<MailAccount | undefined>;
}

/** An invitation that can still be used. */
export interface OpenInvitation {
  readonly lifetimeMs: number;
  readonly untilMs: number;
}

export interface MailInvitations {
  /** Undefined: it was used, revoked, or is over. */
  open(id: string): Promise<OpenInvitation | undefined>;
}

export const resetLifetimeMs: number = 30 * 60_000;
const verificationLifetimeMs = 24 * 3_600_000;

export function createRequestedLetters({
  codes,
  accounts,
  invitations,
}: {
  readonly codes: Pick<OneTimeCodes, "make" | "makeLink">;
  readonly accounts: MailAccounts;
  readonly invitations: MailInvitations;
}): Readonly<Record<Exclude<MailPurpose, NoticePurpose>, Prepare>> {
  /**
   * Where nobody gets a mail, a code is made all the same: trying codes at an address then does the
   * same work, whether or not it has an account.
   */
  async function makeNothing(
    mail: ClaimedMail,
    purpose: CodePurpose,
    lifetimeMs: number,
  ): Promise<undefined> {
    await codes.make({ purpose, addressKey: mail.content.addressKey, userId: null, lifetimeMs });
  }

  const verification = (account: MailAccount): Promise<LinkAndCode> =>
    codes.make({
      purpose: "verify_address",
      addressKey: account.addressKey,
      userId: account.userId,
      lifetimeMs: verificationLifetimeMs,
    });

  const addressed = ({ address, locale }: MailAccount) => ({ to: address, locale });

  return {
    async verify_address(mail) {
      const account = await accounts.at(mail.content.addressKey);
      if (account?.isActive !== true || account.isProved)
        return makeNothing(mail, "verify_address", verificationLifetimeMs);
      return { ...addressed(account), purpose: "verify_address", values: await verification(account) };
    },

    async reset_password(mail) {
      const account = await accounts.at(mail.content.addressKey);
      if (account?.isActive !== true) return makeNothing(mail, "reset_password", resetLifetimeMs);
      const { addressKey, userId, passwordVersion } = account;
      const values = await codes.make({
        purpose: "reset_password",
        addressKey,
        userId,
        passwordVersion,
        lifetimeMs: resetLifetimeMs,
      });
      return { ...addressed(account), purpose: "reset_password", values };
    },

    async invitation({ content, locale }) {
      const { to, addressKey, details } = content;
      const id = details?.["invitationId"];
      const open = typeof id === "string" ? await invitations.open(id) : undefined;
      if (typeof id !== "string" || open === undefined) return undefined;
      const { lifetimeMs, untilMs } = open;
      // Bound to the address by its hash, and to nobody: there is no account yet.
      const made = { purpose: "invitation", addressKey, userId: null, subject: id, lifetimeMs } as const;
      const values = { token: await codes.makeLink(made), untilMs };
      return { to, locale, purpose: "invitation", values };
    },

    async confirm_address({ content, userId, locale }) {
      const { to, addressKey } = content;
      const holder = await accounts.at(addressKey);
      if (holder !== undefined)
        return holder.isActive && holder.userId !== userId
          ? { ...addressed(holder), purpose: "address_taken", values: {} }
          : undefined;
      const account = userId === null ? undefined : await accounts.get(userId);
      if (account?.isActive !== true) return undefined;
      const values = await codes.make({
        purpose: "confirm_address",
        addressKey,
        userId: account.userId,
        // A new password, as after a theft, voids what was asked for under the old one.
        passwordVersion: account.passwordVersion,
        subject: to,
        lifetimeMs: verificationLifetimeMs,
      });
      return { to, locale, purpose: "confirm_address", values };
    },

    async address_taken({ content }) {
      const account = await accounts.at(content.addressKey);
      if (account?.isActive !== true) return undefined;
      if (account.isProved) return { ...addressed(account), purpose: "address_taken", values: {} };
      // Whoever signs up again may have lost the first mail, or somebody else took the address.
      return { ...addressed(account), purpose: "verify_address", values: await verification(account) };
    },
  };
}
