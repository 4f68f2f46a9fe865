// An account as administrators see it.
import type { AdminAccount } from "@countersign/client";
import type { Account } from "../accounts/account.ts";
import { userOf } from "../accounts/account-reply.ts";
import { isoTime } from "../iso-time.ts";

export function adminAccountOf(account: Account): AdminAccount {
  return {
    ...userOf(account),
    app_metadata: account.appMetadata,
    status: account.status,
    updated_at: isoTime(account.updatedAtMs),
  };
}
