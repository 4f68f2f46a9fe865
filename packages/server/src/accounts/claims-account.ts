// An account as the app's function of claims sees it.
import type { DescribedAccount } from "../tokens/app-claims.ts";
import type { Account } from "./account.ts";

/** Undefined where no token may be made for it. A copy: what the app does to it changes nothing here. */
export function describeForClaims(account: Account | undefined): DescribedAccount | undefined {
  if (account?.status !== "active") return undefined;
  const { id, email, emailVerifiedAtMs, name, roles, claimsVersion } = account;
  return {
    account: { id, email, emailVerified: emailVerifiedAtMs !== null, name, roles: [...roles] },
    version: claimsVersion,
  };
}
