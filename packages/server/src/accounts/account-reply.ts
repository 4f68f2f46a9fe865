// An account as its owner sees it.
import { isoTime } from "../iso-time.ts";
import type { UserResponse } from "@countersign/client";
import type { Accounts } from "./accounts.ts";

type Account = Awaited<ReturnType<Accounts["get"]>>;

export function userOf({ id, email, name, roles, createdAtMs }: Account): UserResponse {
  return { id, email, name, roles, created_at: isoTime(createdAtMs) };
}
