// Sessions in the database: opened by a login, ended by a log-out together with the revocation of their tokens.
import { type Kysely, sql } from "kysely";
import { nowMs, nowSeconds } from "./clock.ts";
import type { Tables } from "./tables.ts";

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly device: string | null;
}

/** A revocation as it stands in the log; times are seconds. */
export interface SessionRevocation {
  readonly seq: number;
  readonly sid: string;
  readonly tokensBefore: number;
  readonly expiresAt: number;
}

export interface SessionsStore {
  /** Opens a session if the account is active at this moment; answers when (ms), or `undefined`. */
  open(session: NewSession): Promise<{ readonly createdAtMs: number } | undefined>;
  /** Ends a session and revokes its tokens in one transaction; `undefined` if it had ended before. */
  end(id: string, accessTokenTtlSeconds: number): Promise<SessionRevocation | undefined>;
  /** The revocations that still matter, in their order. */
  revocations(): Promise<SessionRevocation[]>;
}

export function createSessionsStore(db: Kysely<Tables>): SessionsStore {
  return {
    async open({ id, userId, device }) {
      const row = await db
        .insertInto("sessions")
        .columns(["id", "user_id", "device", "created_at"])
        .expression((select) =>
          select
            .selectFrom("users")
            .select([
              sql.val(id).as("id"),
              "users.id as user_id",
              sql.val(device).as("device"),
              nowMs.as("created_at"),
            ])
            .where("users.id", "=", userId)
            .where("status", "=", "active"),
        )
        .returning("created_at")
        .executeTakeFirst();
      return row && { createdAtMs: row.created_at };
    },

    async end(id, accessTokenTtlSeconds) {
      return db.transaction().execute(async (trx) => {
        const ended = await trx
          .updateTable("sessions")
          .set({ ended_at: nowMs })
          .where("id", "=", id)
          .where("ended_at", "is", null)
          .returning("id")
          .executeTakeFirst();
        if (ended === undefined) return undefined;
        const row = await trx
          .insertInto("revocations")
          .values({
            sid: id,
            // The session is over: also a token of this very second is dead.
            tokens_before: sql`${nowSeconds} + 1`,
            expires_at: sql`${nowSeconds} + 1 + ${accessTokenTtlSeconds}`,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return revocationOf(row);
      });
    },

    async revocations() {
      await db.deleteFrom("revocations").where("expires_at", "<", nowSeconds).execute();
      const rows = await db.selectFrom("revocations").selectAll().orderBy("seq").execute();
      return rows.map(revocationOf);
    },
  };
}

function revocationOf(row: {
  seq: number;
  sid: string;
  tokens_before: number;
  expires_at: number;
}): SessionRevocation {
  return { seq: row.seq, sid: row.sid, tokensBefore: row.tokens_before, expiresAt: row.expires_at };
}
