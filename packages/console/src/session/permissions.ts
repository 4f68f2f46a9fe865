// What whoever is logged in may do below /admin. It says what is shown; the server judges what is done.
import type { PermissionsResponse } from "@countersign/client";
import { effect, signal } from "@preact/signals";
import { client, me } from "./session.ts";

export type Permission =
  | "users:read"
  | "users:write"
  | "roles:write"
  | "sessions:write"
  | "keys:write"
  | "audit:read";

/** `undefined` until it is known. */
export const permissions = signal<ReadonlySet<string> | undefined>(undefined);

export function may(permission: Permission): boolean {
  return permissions.value?.has(permission) === true;
}

const nothing: ReadonlySet<string> = new Set();

/** Asked anew where another account, or one with other roles, is logged in. */
let askedFor: string | undefined;

effect(() => {
  const account = me.value;
  const who =
    account === null || account === undefined ? undefined : `${account.id} ${account.roles.join(" ")}`;
  if (who === askedFor && account !== null) return;
  askedFor = who;
  permissions.value = account === null ? nothing : undefined;
  if (who === undefined) return;
  void ask().then((known) => {
    if (who === askedFor) permissions.value = known;
  });
});

/** Where administration is off there is no such route, and nothing that anybody may do. */
async function ask(): Promise<ReadonlySet<string>> {
  try {
    const response = await client.fetch("me/permissions");
    if (!response.ok) return nothing;
    return new Set(((await response.json()) as PermissionsResponse).permissions);
  } catch {
    return nothing;
  }
}
