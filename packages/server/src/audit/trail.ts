// The audit trail: what happened, in order, each row sealed by the hash of the one before it.

import type { Kysely } from "kysely";
import type { AuditDetail, AuditEvent, AuditEventName } from "../database/audit-event.ts";
import type { AuditEnd, AuditSeal } from "../database/audit-seal.ts";
import type { Database } from "../database/database.ts";
import { hashOfRow } from "../database/sequencer.ts";
import type { AuditTable, Tables } from "../database/tables.ts";
import {
  auditColumns,
  type ChainVerdict,
  type ExpectedSeal,
  judgeChain,
  type JudgedChain,
  type JudgingOptions,
  pagesOfTrail,
  startOfTrail,
} from "./chain.ts";

export interface AuditRow extends Required<AuditEvent> {
  readonly seq: number;
  /** Milliseconds since the epoch on the database's clock. */
  readonly atMs: number;
}

export interface AuditListOptions {
  readonly before?: number | undefined;
  /** The lowest `seq` that is looked at: a filter without an index reads every row up to there. */
  readonly from?: number | undefined;
  readonly limit: number;
  readonly userId?: string | undefined;
  readonly event?: AuditEventName | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
}

/**
 * Reads and proves the trail; rows are only ever written together with the change that they
 * describe, or by `record`.
 */
export interface AuditTrail {
  /** Writes an event that changed nothing else, such as a failed login. */
  record(event: AuditEvent): Promise<void>;
  /** After what is committed has its number: a page of rows older than `before` (a `seq`; the newest without it), newest first. */
  list(options: AuditListOptions): Promise<AuditRow[]>;
  /**
   * Recomputes every hash. A row altered, removed or added anywhere, the end included, breaks the
   * chain.
   */
  verifyChain(expected?: ExpectedSeal): Promise<ChainVerdict>;
  /** The same, with what else can be asked of the rows on the way. */
  judgeChain(options: JudgingOptions): Promise<JudgedChain>;
  /** Where the rows begin: number, hash and seal of the last one that was removed; 0 and "" while none was. */
  start(): Promise<AuditEnd & { readonly seal: string | null }>;
  /** Every row after `after` as it is stored, oldest first, page by page, up to `last`. */
  pages(after: number, last?: number): AsyncGenerator<readonly AuditTable[], void, undefined>;
  /** False, and nothing is removed, where the trail does not begin there any more or would lose the row under the seal. */
  removeUpTo(removal: Removal): Promise<boolean>;
  /** Seals the end of the trail whenever it grows from now on. */
  readonly sealWith: Database["sealWith"];
  /**
   * Seals the end that there is, if this is the first time; otherwise says whether it is sealed.
   * Needs `sealWith`.
   */
  sealNow(options: { readonly isFirst: boolean }): Promise<boolean>;
}

export interface Removal {
  /** The last row to go, as it was proved. */
  readonly last: AuditEnd;
  /** Where the trail is thought to begin. */
  readonly start: AuditEnd;
  /** Seals that it begins after `last`. */
  readonly seal: AuditSeal;
  /** Recorded by the same transaction. */
  readonly event?: AuditEvent | undefined;
}

export function createAuditTrail(database: Database): AuditTrail {
  const { db } = database;
  let seal: AuditSeal | undefined;

  return {
    record: (event) => database.record(event),

    async list({ before, from, limit, userId, event, sinceMs }) {
      await database.seal();
      const rows = await db
        .selectFrom("audit")
        .select(auditColumns)
        .$if(before !== undefined, (query) => query.where("seq", "<", before ?? 0))
        .$if(from !== undefined, (query) => query.where("seq", ">=", from ?? 0))
        .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? ""))
        .$if(event !== undefined, (query) => query.where("event", "=", event ?? ""))
        .$if(sinceMs !== undefined, (query) => query.where("at", ">=", sinceMs ?? 0))
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.map(auditRow);
    },

    verifyChain: async (expected) => (await judgeChain(database, { expected })).verdict,
    judgeChain: (options) => judgeChain(database, options),
    start: () => startOfTrail(database),
    pages: (after, last) => pagesOfTrail(database, after, last),

    async removeUpTo({ event, ...removal }) {
      try {
        await database.change(async ({ db: trx, record }) => {
          await remove(trx, removal);
          if (event !== undefined) record(event);
        });
        return true;
      } catch (error) {
        if (error instanceof Overtaken) return false;
        throw error;
      }
    },

    sealWith(given) {
      seal = given;
      database.sealWith(given);
    },

    async sealNow({ isFirst }) {
      return database.change(async (change) => {
        const query = change.db
          .selectFrom("journal")
          .select(["audit_seq", "audit_hash", "audit_seal_seq", "audit_seal"]);
        const end = await query
          .$if(database.dialect === "postgres", (held) => held.forUpdate())
          .executeTakeFirstOrThrow();
        if (seal === undefined) return false;
        if (end.audit_seal !== null && end.audit_seal_seq !== null) {
          const hash = await hashOfRow(change.db, end.audit_seal_seq);
          return seal.isOf({ seq: end.audit_seal_seq, hash }, end.audit_seal);
        }
        if (!isFirst) return false;
        const made = seal.make({ seq: end.audit_seq, hash: end.audit_hash });
        await change.db
          .updateTable("journal")
          .set({ audit_seal_seq: end.audit_seq, audit_seal: made })
          .execute();
        return true;
      });
    },
  };
}

/** Undoes a transaction whose last condition did not hold. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

async function remove(db: Kysely<Tables>, { last, start, seal }: Removal): Promise<void> {
  // First the rows, so that whoever numbers waits for the other row no longer than the commit takes.
  await db.deleteFrom("audit").where("seq", "<=", last.seq).execute();
  const { numUpdatedRows } = await db
    .updateTable("journal")
    .set({
      audit_start_seq: last.seq,
      audit_start_hash: last.hash,
      audit_start_seal: seal.make(last, "start"),
    })
    .where("audit_start_seq", "=", start.seq)
    .where("audit_seal_seq", ">", last.seq)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new Overtaken();
}

function auditRow(row: AuditTable): AuditRow {
  return {
    seq: row.seq,
    atMs: row.at,
    event: row.event as AuditEventName,
    actorId: row.actor_id,
    userId: row.user_id,
    sid: row.sid,
    address: row.address,
    detail: JSON.parse(row.detail) as AuditDetail,
  };
}
