// An account as it comes from another system and goes to one: a line of JSON, or of CSV.
import { storableText } from "../http/validation.ts";
import { type Locale, locales } from "../mail/locale.ts";
import type { Account, AccountStatus } from "./account.ts";
import { type EmailAddress, parseEmailAddress } from "./email-address.ts";

/** Members of the line, and columns of the table. */
export const importedMembers = [
  "id",
  "email",
  "email_verified",
  "name",
  "roles",
  "status",
  "locale",
  "created_at",
  "password_hash",
] as const;

export interface ImportedAccount {
  /** Kept where there is one: other systems may refer to it. */
  readonly id: string | undefined;
  readonly email: EmailAddress;
  /** Whether its owner showed to the other system that the address is theirs. */
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  readonly roles: readonly string[] | undefined;
  readonly status: AccountStatus;
  /** The language of its mail. */
  readonly locale: Locale;
  readonly createdAtMs: number | undefined;
  readonly passwordHash: string | undefined;
}

const idForm = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/;
const roleForm = /^[!-~]{1,64}$/;
const timeForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;
const maxRoles = 16;
const storable = new RegExp(storableText, "u");

/** The account, or what is wrong with the line: a sentence that quotes no password hash. */
export function readImportedAccount(line: unknown): ImportedAccount | string {
  if (typeof line !== "object" || line === null || Array.isArray(line)) return "it is no JSON object";
  const row = line as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(row).find((name) => !importedMembers.includes(name as never));
  if (unknown !== undefined)
    return `there is no member "${unknown.slice(0, 40)}"; the members are ${importedMembers.join(", ")}`;
  const { email: emailText, name = null, id, status = "active", created_at: createdAt } = row;
  const { roles, password_hash: passwordHash, email_verified: isVerified = false } = row;
  const locale = isAbsent(row["locale"]) ? "en" : locales.find((one) => one === row["locale"]);

  const email = typeof emailText === "string" ? parseEmailAddress(emailText) : undefined;
  if (email === undefined) return '"email" is not an email address';
  if (isVerified !== null && typeof isVerified !== "boolean") return '"email_verified" must be true or false';
  if (!isAbsent(id) && (typeof id !== "string" || !idForm.test(id)))
    return '"id" must have 1 to 64 letters, digits, "_", "." and "-"';
  if (name !== null && (typeof name !== "string" || Array.from(name).length > 200 || !storable.test(name)))
    return '"name" must be a text of at most 200 characters';
  if (status !== null && status !== "active" && status !== "disabled")
    return '"status" must be active or disabled';
  if (locale === undefined) return `"locale" must be ${locales.join(" or ")}`;
  if (!isAbsent(roles) && !isRoles(roles)) return `"roles" must be a list of at most ${maxRoles} names`;
  const createdAtMs = isAbsent(createdAt) ? undefined : timeOf(createdAt);
  if (createdAtMs === null) return '"created_at" must be a time with its zone, such as 2024-05-01T12:00:00Z';
  if (!isAbsent(passwordHash) && typeof passwordHash !== "string") return '"password_hash" must be a text';
  return {
    id: isAbsent(id) ? undefined : id,
    email,
    isEmailVerified: isVerified === true,
    name: name === "" ? null : name,
    roles: isAbsent(roles) ? undefined : roles,
    status: status ?? "active",
    locale,
    createdAtMs,
    passwordHash: isAbsent(passwordHash) || passwordHash === "" ? undefined : passwordHash,
  };
}

/** The line of an account that goes out; with a hash only where that was asked for. */
export function exportedAccount(
  account: Account,
  passwordHash: string | undefined,
): Readonly<Record<(typeof importedMembers)[number], unknown>> {
  return {
    id: account.id,
    email: account.email,
    email_verified: account.emailVerifiedAtMs !== null,
    name: account.name,
    roles: account.roles,
    status: account.status,
    locale: account.locale,
    created_at: new Date(account.createdAtMs).toISOString(),
    password_hash: passwordHash,
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRoles(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= maxRoles &&
    new Set(value).size === value.length &&
    value.every((role) => typeof role === "string" && roleForm.test(role))
  );
}

/** Null: it is no time. */
function timeOf(value: unknown): number | null {
  if (typeof value !== "string" || !timeForm.test(value)) return null;
  const time = Date.parse(value.replace(" ", "T"));
  return Number.isSafeInteger(time) && time >= 0 ? time : null;
}
