// An account as the functions of an app see it.
import type { ClaimsAccount } from "../settings/claims.ts";
import type { DescribedAccount } from "../tokens/app-claims.ts";
import type { Account, AccountCredentials } from "./account.ts";

/** A copy: what the app does to it changes nothing. */
export function describeToApp(account: Account): ClaimsAccount {
  const { id, email, emailVerifiedAtMs, name, roles, metadata, appMetadata } = account;
  const emailVerified = emailVerifiedAtMs !== null;
  return structuredClone({ id, email, emailVerified, name, roles, metadata, appMetadata });
}

/** Undefined where no token may be made for it. */
export function describeForClaims(known: AccountCredentials | undefined): DescribedAccount | undefined {
  if (known?.account.status !== "active") return undefined;
  const { account, secondFactor } = known;
  return { account: describeToApp(account), version: account.claimsVersion, secondFactor };
}
