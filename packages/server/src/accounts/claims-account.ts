// An account as the app's function of claims sees it.
import type { DescribedAccount } from "../tokens/app-claims.ts";
import type { Account } from "./account.ts";

/** Undefined where no token may be made for it. It was read for this alone: what the app does to it changes nothing. */
export function describeForClaims(account: Account | undefined): DescribedAccount | undefined {
  if (account?.status !== "active") return undefined;
  const { id, email, emailVerifiedAtMs, name, roles, metadata, appMetadata, claimsVersion } = account;
  const emailVerified = emailVerifiedAtMs !== null;
  return {
    account: { id, email, emailVerified, name, roles, metadata, appMetadata },
    version: claimsVersion,
  };
}
