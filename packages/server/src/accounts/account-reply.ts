// An account as its owner sees it.
import type { UserResponse } from "@countersign/client";
import type { Accounts } from "./accounts.ts";

type Account = Awaited<ReturnType<Accounts["get"]>>;

export function userOf({ id, email, name, roles, createdAtMs }: Account): UserResponse {
  return { id, email, name, roles, created_at: new Date(createdAtMs).toISOString() };
}
