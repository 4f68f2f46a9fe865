// What those who run an installation may do, each for itself.

/**
 * `users`: accounts; `roles`: what others may do; `sessions`: ending those of others; `keys`: the
 * signing keys; `audit`: what happened here.
 */
export const permissions = [
  "users:read",
  "users:write",
  "roles:write",
  "sessions:write",
  "keys:write",
  "audit:read",
] as const;

export type Permission = (typeof permissions)[number];

/** A role as tokens carry it and challenges quote it: RFC 6749 §3.3 has the same characters for a scope. */
export const roleForm: RegExp = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/;

/** The roles of a table each of which gives every permission. */
export function administratorRolesOf(table: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...table]
    .filter(([, granted]) => permissions.every((permission) => granted.includes(permission)))
    .map(([role]) => role);
}
