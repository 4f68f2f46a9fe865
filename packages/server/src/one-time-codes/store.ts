// The rows of one-time codes. Each is consumed by the transaction of what it allows.

import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
import type { OneTimeCodesTable } from "../database/tables.ts";

/** What a code allows. It allows nothing else. */
export type CodePurpose =
  | "verify_address"
  | "confirm_address"
  | "reset_password"
  | "undo_address"
  | "invitation"
  | "disown_session";

/** After so many the short code is dead; its link is not. */
export const maxWrongTries = 10;

export interface NewCodeRow {
  readonly id: string;
  readonly purpose: CodePurpose;
  readonly addressHash: string;
  readonly userId: string | null;
  readonly passwordVersion: number | null;
  readonly subject: string | null;
  readonly linkHash: string;
  readonly codeHash: string | null;
  readonly lifetimeMs: number;
}

/** A code that was found, and is not consumed. */
export interface FoundCode {
  readonly id: string;
  readonly purpose: CodePurpose;
  readonly addressHash: string;
  /** Null: nobody has the address, so there is nothing to allow. */
  readonly userId: string | null;
  readonly passwordVersion: number | null;
  readonly subject: string | null;
  readonly codeHash: string | null;
}

export interface CodeStore {
  /** Kept on the disk before the mail is sent, so that no mail holds a code that nobody knows. */
  add(code: NewCodeRow): Promise<void>;
  findLink(linkHash: string, purposes: readonly CodePurpose[]): Promise<FoundCode | undefined>;
  /**
   * Takes one try of every code of this address, before any is compared: of however many tries at
   * once, no code gets more than ten.
   */
  tryAll(addressHash: string, purposes: readonly CodePurpose[]): Promise<FoundCode[]>;
  /** The tries were no wrong ones. */
  giveBack(ids: readonly string[]): Promise<void>;
  /** Forgets those that are over. Returns how many. */
  prune(): Promise<number>;
}

const columns = [
  "id",
  "purpose",
  "address_hash",
  "user_id",
  "password_version",
  "subject",
  "code_hash",
] as const;

export function createCodeStore({ db, now }: Pick<Database, "db" | "now">): CodeStore {
  return {
    async add(code) {
      await db
        .insertInto("one_time_codes")
        .values({
          id: code.id,
          purpose: code.purpose,
          address_hash: code.addressHash,
          user_id: code.userId,
          password_version: code.passwordVersion,
          subject: code.subject,
          link_hash: code.linkHash,
          code_hash: code.codeHash,
          wrong_tries: 0,
          expires_at: sql<number>`${now()} + ${sql.lit(code.lifetimeMs)}`,
        })
        .execute();
    },

    async findLink(linkHash, purposes) {
      const row = await db
        .selectFrom("one_time_codes")
        .select(columns)
        .where("link_hash", "=", linkHash)
        .where("purpose", "in", purposes)
        .where("expires_at", ">", now())
        .executeTakeFirst();
      return row && foundCode(row);
    },

    async tryAll(addressHash, purposes) {
      const rows = await db
        .updateTable("one_time_codes")
        .set({ wrong_tries: sql<number>`wrong_tries + 1` })
        .where("address_hash", "=", addressHash)
        .where("purpose", "in", purposes)
        .where("code_hash", "is not", null)
        .where("wrong_tries", "<", maxWrongTries)
        .where("expires_at", ">", now())
        .returning(columns)
        .execute();
      return rows.map(foundCode);
    },

    async giveBack(ids) {
      await db
        .updateTable("one_time_codes")
        .set({ wrong_tries: sql<number>`wrong_tries - 1` })
        .where("id", "in", ids)
        .where("wrong_tries", ">", 0)
        .execute();
    },

    async prune() {
      const { numDeletedRows } = await db
        .deleteFrom("one_time_codes")
        .where("expires_at", "<=", now())
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/**
 * Consumes a code in the transaction of its effect. False where it is over or another request was
 * first: then nothing may happen.
 */
export async function consumeCode(
  { now }: Pick<Database, "now">,
  { db }: Change,
  { id, purpose }: Pick<FoundCode, "id" | "purpose">,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("one_time_codes")
    .where("id", "=", id)
    .where("purpose", "=", purpose)
    .where("expires_at", ">", now())
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Kills what an account has of these purposes, so that the use of one voids all. */
export async function killCodes(
  { db }: Change,
  userId: string,
  purposes: readonly CodePurpose[],
  subjects?: readonly string[],
): Promise<void> {
  await db
    .deleteFrom("one_time_codes")
    .where("user_id", "=", userId)
    .where("purpose", "in", purposes)
    .$if(subjects !== undefined, (query) => query.where("subject", "in", subjects ?? []))
    .execute();
}

/** Kills what was made for this subject, of which there is one. */
export async function killCodesAbout({ db }: Change, purpose: CodePurpose, subject: string): Promise<void> {
  await db
    .deleteFrom("one_time_codes")
    .where("purpose", "=", purpose)
    .where("subject", "=", subject)
    .execute();
}

function foundCode(row: Pick<OneTimeCodesTable, (typeof columns)[number]>): FoundCode {
  return {
    id: row.id,
    purpose: row.purpose as CodePurpose,
    addressHash: row.address_hash,
    userId: row.user_id,
    passwordVersion: row.password_version,
    subject: row.subject,
    codeHash: row.code_hash,
  };
}
