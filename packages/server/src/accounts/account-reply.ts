// An account as its owner sees it.
import { isoTime } from "../iso-time.ts";
import type { UserResponse } from "@countersign/client";
import type { Accounts } from "./accounts.ts";

type Account = Awaited<ReturnType<Accounts["get"]>>;

export function userOf(account: Account, withheld: readonly string[] = []): UserResponse {
  const { id, email, name, roles, metadata, createdAtMs, emailVerifiedAtMs } = account;
  return {
    id,
    email,
    email_verified: emailVerifiedAtMs !== null,
    name,
    roles,
    ...(withheld.length > 0 && { withheld_roles: withheld }),
    metadata,
    created_at: isoTime(createdAtMs),
  };
}
