// The roles that an administrator gives to an account that is not there yet.
import { rolesOfNewAccounts } from "../accounts/account.ts";
import { ServiceError } from "../errors.ts";
import { type Permission, roleForm } from "../settings/permissions.ts";

const maxRoles = 16;

/** Every access token carries them. @throws ServiceError `roles_invalid` */
export function checkRoles(roles: readonly string[]): void {
  const isGood =
    roles.length <= maxRoles &&
    new Set(roles).size === roles.length &&
    roles.every((role) => roleForm.test(role));
  if (!isGood) throw new ServiceError("roles_invalid");
}

/** What it takes to have an account made with these roles. */
export function neededFor(roles: readonly string[]): readonly Permission[] {
  const isUsual = roles.every((role) => rolesOfNewAccounts.includes(role));
  return isUsual ? ["users:write"] : ["users:write", "roles:write"];
}
