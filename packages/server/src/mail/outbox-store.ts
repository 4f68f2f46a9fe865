// The outbox: mail that is to be sent, written in the transaction of the change that it is about.

import { sql } from "kysely";
import type { Change, Database } from "../database/database.ts";
import type { OutboxTable } from "../database/tables.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { isMailPurpose, type MailPurpose } from "./letter.ts";
import { knownLocale, type Locale } from "./locale.ts";

/** What of a mail is sealed until it was sent, and gone afterwards. */
export interface OutboxContent {
  readonly to: string;
  /** The same, normalised: what codes are made for. */
  readonly addressKey: string;
  /** Facts of the mail's purpose. */
  readonly details?: Readonly<Record<string, string | number | null>>;
}

export interface NewMail {
  readonly purpose: MailPurpose;
  /** Whose mail it is; null where an address asked for it, which may have an account or not. */
  readonly userId: string | null;
  readonly locale: Locale;
  readonly content: OutboxContent;
}

/** Mail that somebody took to send it. */
export interface ClaimedMail extends NewMail {
  readonly id: string;
  /** How often it was taken, this time included. It tells this claim from a later one. */
  readonly tries: number;
}

/** Seals what stands in a row, bound to the row's id. */
export interface OutboxSealer {
  seal(plaintext: Uint8Array, id: string): Uint8Array;
  open(sealed: Uint8Array, id: string): Uint8Array;
}

/** A mail that is not tried any more. */
export interface FailedMail {
  readonly id: string;
  readonly purpose: string;
  readonly userId: string | null;
  readonly createdAtMs: number;
  readonly tries: number;
  readonly failure: string;
}

export interface Outbox {
  /** As part of the change that the mail is about: both happen, or neither. */
  put(change: Change, mail: NewMail): Promise<void>;
  /** Tells `listener` of every mail that this instance has put there, once that is committed. Returns the way to stop. */
  onPut(listener: () => void): () => void;
  /**
   * Takes the next mail that is due, for as long as the lease lasts: one statement, so that of
   * several instances one has it. A row that cannot be read has failed.
   */
  claim(leaseMs: number): Promise<ClaimedMail | undefined>;
  /** Keeps a claim for another lease. False: somebody else has taken it. */
  extend(mail: Pick<ClaimedMail, "id" | "tries">, leaseMs: number): Promise<boolean>;
  /** It was sent, or there was nothing to send: nothing is left of it. */
  remove(id: string): Promise<void>;
  /** It is tried again later. */
  defer(mail: Pick<ClaimedMail, "id" | "tries">, delayMs: number): Promise<void>;
  /** It is not tried any more, which the trail hears in the same transaction. */
  fail(mail: Pick<ClaimedMail, "id" | "tries" | "purpose" | "userId">, failure: string): Promise<void>;
  /** Those that failed, oldest first. */
  failed(limit: number): Promise<FailedMail[]>;
  /** Has them tried again: one of them, or all. Returns how many. */
  retry(id?: string): Promise<number>;
  /** How many wait to be sent. */
  waiting(): Promise<number>;
  /** Forgets those that failed so long ago. Returns how many. */
  prune(olderThanMs: number): Promise<number>;
}

export function createOutbox(
  { db, dialect, now, change: runChange }: Pick<Database, "db" | "dialect" | "now" | "change">,
  sealer: OutboxSealer,
  randomBytes: RandomBytes = systemRandomBytes,
): Outbox {
  const listeners = new Set<() => void>();
  const later = (ms: number) => sql<number>`${now()} + ${sql.lit(Math.round(ms))}`;

  async function fail(
    { id, tries, purpose, userId }: Pick<OutboxTable, "id" | "tries" | "purpose"> & { userId: string | null },
    failure: string,
  ): Promise<void> {
    await runChange(async (change) => {
      const { numUpdatedRows } = await change.db
        .updateTable("outbox")
        .set({ due_at: null, failure })
        .where("id", "=", id)
        .where("tries", "=", tries)
        .where("due_at", "is not", null)
        .executeTakeFirst();
      if (numUpdatedRows === 1n)
        change.record({ event: "mail_failed", userId, detail: { purpose, tries, reason: failure } });
    });
  }

  function contentOf({ id, sealed }: Pick<OutboxTable, "id" | "sealed">): OutboxContent | undefined {
    try {
      return JSON.parse(Buffer.from(sealer.open(sealed, id)).toString("utf8")) as OutboxContent;
    } catch {
      return undefined;
    }
  }

  return {
    async put(change, { purpose, userId, locale, content }) {
      const id = newId(randomBytes);
      await change.db
        .insertInto("outbox")
        .values({
          id,
          purpose,
          user_id: userId,
          locale,
          sealed: sealer.seal(Buffer.from(JSON.stringify(content)), id),
          created_at: now(),
          due_at: now(),
          tries: 0,
          failure: null,
        })
        .execute();
      change.afterCommit(() => {
        for (const listener of listeners) listener();
      });
    },

    onPut(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    async claim(leaseMs) {
      const row = await db
        .updateTable("outbox")
        .set({ due_at: later(leaseMs), tries: sql<number>`tries + 1` })
        .where("id", "=", (on) =>
          on
            .selectFrom("outbox")
            .select("id")
            .where("due_at", "<=", now())
            .orderBy("due_at")
            .limit(1)
            .$if(dialect === "postgres", (query) => query.forUpdate().skipLocked()),
        )
        .where("due_at", "<=", now())
        .returning(["id", "purpose", "user_id", "locale", "sealed", "tries"])
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { id, purpose, user_id: userId, tries } = row;
      const content = contentOf(row);
      if (content === undefined || !isMailPurpose(purpose)) {
        await fail({ id, tries, purpose, userId }, content === undefined ? "unreadable" : "unknown purpose");
        return undefined;
      }
      return { id, purpose, userId, tries, locale: knownLocale(row.locale), content };
    },

    async extend({ id, tries }, leaseMs) {
      const { numUpdatedRows } = await db
        .updateTable("outbox")
        .set({ due_at: later(leaseMs) })
        .where("id", "=", id)
        .where("tries", "=", tries)
        .where("due_at", "is not", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async remove(id) {
      await db.deleteFrom("outbox").where("id", "=", id).execute();
    },

    async defer({ id, tries }, delayMs) {
      await db
        .updateTable("outbox")
        .set({ due_at: later(delayMs) })
        .where("id", "=", id)
        .where("tries", "=", tries)
        .where("due_at", "is not", null)
        .execute();
    },

    fail,

    async failed(limit) {
      const rows = await db
        .selectFrom("outbox")
        .select(["id", "purpose", "user_id", "created_at", "tries", "failure"])
        .where("failure", "is not", null)
        .orderBy("created_at")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        purpose: row.purpose,
        userId: row.user_id,
        createdAtMs: row.created_at,
        tries: row.tries,
        failure: row.failure ?? "",
      }));
    },

    async retry(id) {
      const { numUpdatedRows } = await db
        .updateTable("outbox")
        .set({ due_at: now(), failure: null, tries: 0 })
        .where("failure", "is not", null)
        .$if(id !== undefined, (query) => query.where("id", "=", id ?? ""))
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    async waiting() {
      const { count } = await db
        .selectFrom("outbox")
        .select((on) => on.fn.countAll<number>().as("count"))
        .where("due_at", "is not", null)
        .executeTakeFirstOrThrow();
      return count;
    },

    async prune(olderThanMs) {
      const { numDeletedRows } = await db
        .deleteFrom("outbox")
        .where("failure", "is not", null)
        .where("created_at", "<=", sql<number>`${now()} - ${sql.lit(olderThanMs)}`)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
