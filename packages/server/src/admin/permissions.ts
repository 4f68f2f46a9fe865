// What roles allow: the table of the settings, asked from both sides.
import { administratorRolesOf, type Permission, permissions } from "../settings/permissions.ts";

export interface Permissions {
  /** Whether an account with these roles has the permission. */
  allow(roles: readonly string[], permission: Permission): boolean;
  /** Whether whoever has `own` may do all that `others` allow: only then may they grant or take them. */
  cover(own: readonly string[], others: readonly string[]): boolean;
  /** The roles that give a permission. */
  rolesWith(permission: Permission): readonly string[];
  /** The roles each of which gives every permission; the first is that of the first administrator. */
  readonly administratorRoles: readonly string[];
}

/** A role that the table does not name allows nothing here, and means whatever the app has it mean. */
export function createPermissions(table: ReadonlyMap<string, readonly string[]>): Permissions {
  const rolesWith = (permission: Permission): string[] =>
    [...table].filter(([, granted]) => granted.includes(permission)).map(([role]) => role);
  const allow = (roles: readonly string[], permission: Permission): boolean =>
    roles.some((role) => table.get(role)?.includes(permission) === true);

  return {
    allow,
    cover: (own, others) =>
      permissions.every((permission) => !allow(others, permission) || allow(own, permission)),
    rolesWith,
    administratorRoles: administratorRolesOf(table),
  };
}
