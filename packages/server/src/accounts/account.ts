// What an account is to everybody outside of its table.
import type { Locale } from "../mail/locale.ts";
import type { FoundCode } from "../one-time-codes/store.ts";

export type AccountStatus = "active" | "disabled";

/** What an account has from its sign-up. */
export const rolesOfNewAccounts: readonly string[] = ["user"];

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: AccountStatus;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The language of its mail. */
  readonly locale: Locale;
  /** When the owner showed that the address is theirs; null: never. */
  readonly emailVerifiedAtMs: number | null;
  /** What its owner keeps with it, as the app's schema had it when it was written. */
  readonly metadata: JsonObject;
  /** What the app keeps with it; its owner does not see it. */
  readonly appMetadata: JsonObject;
  /** Grows whenever something changes that goes into the claims of its tokens. */
  readonly claimsVersion: number;
}

/** What a login compares. Never leaves the services. */
export interface AccountCredentials {
  readonly account: Account;
  readonly passwordHash: string;
  /** Handed to `sessions.open`, which opens nothing once the password has changed. */
  readonly passwordVersion: number;
  /** Which device tokens of the account count; a new one says this. */
  readonly deviceEpoch: number;
  /** No session opens without a second factor. */
  readonly secondFactor: boolean;
}

export interface NewAccount {
  readonly email: string;
  /** The normalised address; two accounts never share one. */
  readonly emailKey: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly roles: readonly string[];
  /** Of its mail. @default "en" */
  readonly locale?: Locale | undefined;
  /** What the link of a mail showed: the account has the roles of the invitation, and its address is proved. */
  readonly invitation?: FoundCode | undefined;
  /** Whether a mail asks its owner to confirm the address. @default false */
  readonly asksToVerify?: boolean | undefined;
  /** Whether its owner makes it, who then need not be told of the login that follows. @default false */
  readonly isSignup?: boolean | undefined;
  /** Whether a mail to the address tells its owner where it has an account already. @default false */
  readonly tellsIfTaken?: boolean | undefined;
}
