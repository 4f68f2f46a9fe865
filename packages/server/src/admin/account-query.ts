// What is looked for among accounts, and how it comes in pages.
import type { Account } from "../accounts/account.ts";

/** What is looked for: everybody, or an address, in its normalised form, by its beginning or any part of it. */
export type AccountQuery =
  | { readonly by: "age" }
  | { readonly by: "beginning" | "part"; readonly text: string };

/** An account's place in the order of a query: newest first, or by address. */
export interface AccountPlace {
  readonly createdAtMs: number;
  readonly id: string;
  readonly emailKey: string;
}

export interface AccountPage {
  readonly accounts: readonly Account[];
  /** Where the next page begins; undefined after the last one. A page may hold fewer than were asked for, or none. */
  readonly end: AccountPlace | undefined;
}
