// What mail there is: why it is sent, and what each of them says.
import type { Locale } from "./locale.ts";

/** A link and a short code: two ways to show that one reads this mailbox. */
export interface LinkAndCode {
  /** 256 bits in base64url. */
  readonly token: string;
  /** As it is shown: two groups of four. */
  readonly code: string;
}

export type FactorName = "totp" | "passkey" | "recovery_codes";

/** What a device is called in a mail: by closed lists, as a client may call itself anything. */
export interface DeviceName {
  readonly browser: string | null;
  readonly system: string | null;
}

/** What a mail says beside its fixed words. Nothing in it is chosen by whoever asked for the mail. */
export interface LetterValues {
  /** The address is to be shown to be the reader's. */
  readonly verify_address: LinkAndCode;
  /** The same for an address that an account changes to. */
  readonly confirm_address: LinkAndCode;
  readonly reset_password: LinkAndCode;
  /** Somebody may make an account at this address. */
  readonly invitation: { readonly token: string; readonly untilMs: number };
  /** Somebody signed up with, or changed to, an address that has an account. */
  readonly address_taken: Readonly<Record<string, never>>;
  readonly new_device: {
    readonly device: DeviceName;
    /** The network address of the login. */
    readonly networkAddress: string | null;
    readonly atMs: number;
    /** For "this was not me". */
    readonly token: string;
  };
  readonly password_changed: { readonly atMs: number };
  /** To the earlier address. Without a token it cannot be undone: that address was never proved. */
  readonly address_changed: { readonly atMs: number; readonly token: string | undefined };
  /** To the earlier address, which is the account's again. */
  readonly address_restored: { readonly atMs: number };
  readonly factor_added: { readonly factor: FactorName; readonly atMs: number };
  readonly factor_removed: { readonly factor: FactorName; readonly atMs: number };
  /** By `countersign mail test`. */
  readonly test: Readonly<Record<string, never>>;
}

export type MailPurpose = keyof LetterValues;

export type Letter = {
  [Purpose in MailPurpose]: { readonly purpose: Purpose; readonly values: LetterValues[Purpose] };
}[MailPurpose] & { readonly to: string; readonly locale: Locale };

/** Every purpose, for `mail preview` and for what is stored. */
export const mailPurposes: Readonly<Record<MailPurpose, true>> = {
  verify_address: true,
  confirm_address: true,
  reset_password: true,
  invitation: true,
  address_taken: true,
  new_device: true,
  password_changed: true,
  address_changed: true,
  address_restored: true,
  factor_added: true,
  factor_removed: true,
  test: true,
};

export function isMailPurpose(text: string): text is MailPurpose {
  return Object.hasOwn(mailPurposes, text);
}
