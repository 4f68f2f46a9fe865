// The rows of an account's factors, for every change of them. Whoever changes them holds the account's row.
import type { Kysely } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { FactorState } from "./factor.ts";

export interface FactorRows extends FactorState {
  readonly roles: readonly string[];
  /** Whether the account has one: without it, only a passkey lets its owner in. */
  readonly hasPassword: boolean;
}

/** What there is of an account's factors. Undefined: there is no such account. */
export async function factorRowsOf(db: Kysely<Tables>, userId: string): Promise<FactorRows | undefined> {
  return stateOf(await selectFactorRows(db, userId).execute());
}

/** The same, as a statement that is built once: every login asks. */
export function createFactorRowsOf({
  db,
  prebuilt,
}: Pick<Database, "db" | "prebuilt">): (userId: string) => Promise<FactorRows | undefined> {
  const select = prebuilt(({ userId }: { readonly userId: string }) => selectFactorRows(db, userId));
  return async (userId) => stateOf(await select(db, { userId }));
}

interface SelectedFactors {
  readonly second_factor: number;
  readonly roles: string;
  readonly password_hash: string;
  readonly confirmed_at: number | null;
  readonly passkeys: number | null;
  readonly codes: number | null;
}

function selectFactorRows(db: Kysely<Tables>, userId: string) {
  return db
    .selectFrom("users")
    .leftJoin("totp", "totp.user_id", "users.id")
    .select(["users.second_factor", "users.roles", "users.password_hash", "totp.confirmed_at"])
    .select((on) => [
      on
        .selectFrom("passkeys")
        .select((at) => at.fn.countAll<number>().as("count"))
        .whereRef("passkeys.user_id", "=", "users.id")
        .as("passkeys"),
      on
        .selectFrom("recovery_codes")
        .select((at) => at.fn.countAll<number>().as("count"))
        .whereRef("recovery_codes.user_id", "=", "users.id")
        .as("codes"),
    ])
    .where("users.id", "=", userId);
}

function stateOf([row]: readonly SelectedFactors[]): FactorRows | undefined {
  if (row === undefined) return undefined;
  const totp = row.confirmed_at !== null;
  const passkeys = row.passkeys ?? 0;
  return {
    required: row.second_factor !== 0 || totp || passkeys > 0,
    totp,
    passkeys,
    recoveryCodes: row.codes ?? 0,
    roles: JSON.parse(row.roles) as string[],
    hasPassword: row.password_hash !== "",
  };
}

/** In the place of the earlier ones. */
export async function putCodes(
  { db, now }: Pick<Database, "db" | "now">,
  userId: string,
  hashes: readonly string[],
): Promise<void> {
  await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  await db
    .insertInto("recovery_codes")
    .values(hashes.map((hash) => ({ user_id: userId, hash, created_at: now() })))
    .execute();
}

/** Whether logins ask for a factor. With the last one the recovery codes go, too. */
export async function setRequired(db: Kysely<Tables>, userId: string, isRequired: boolean): Promise<void> {
  await db
    .updateTable("users")
    .set({ second_factor: isRequired ? 1 : 0 })
    .where("id", "=", userId)
    .execute();
  if (!isRequired) await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}
