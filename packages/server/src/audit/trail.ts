// The audit trail: what happened, in order, each row sealed by the hash of the one before it.

import {
  chainHash,
  type AuditDetail,
  type AuditEvent,
  type AuditEventName,
} from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import type { AuditTable } from "../database/tables.ts";

export interface AuditRow extends Required<AuditEvent> {
  readonly seq: number;
  /** Milliseconds since the epoch on the database's clock. */
  readonly atMs: number;
}

/**
 * What breaks the chain at a row; `journal`: the rows agree, but their end is not the one that was
 * last written.
 */
export type ChainProblem = "altered" | "missing" | "added" | "journal";

export type ChainVerdict =
  | { readonly outcome: "intact"; readonly rows: number; readonly hash: string }
  | { readonly outcome: "broken"; readonly seq: number; readonly problem: ChainProblem };

const pageSize = 500;

/**
 * Reads and proves the trail; rows are only ever written together with the change that they
 * describe, or by `record`.
 */
export interface AuditTrail {
  /** Writes an event that changed nothing else, such as a failed login. */
  record(event: AuditEvent): Promise<void>;
  /** A page of rows older than `before` (a `seq`; the newest without it), newest first. */
  list(options: { before?: number; limit: number; userId?: string }): Promise<AuditRow[]>;
  /**
   * Recomputes every hash. A row altered, removed or added anywhere, the end included, breaks the
   * chain.
   */
  verifyChain(): Promise<ChainVerdict>;
}

export function createAuditTrail(database: Database): AuditTrail {
  const { db } = database;

  return {
    record: (event) => database.record(event),

    async list({ before, limit, userId }) {
      const rows = await db
        .selectFrom("audit")
        .select(auditColumns)
        .$if(before !== undefined, (query) => query.where("seq", "<", before ?? 0))
        .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? ""))
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.map(auditRow);
    },

    async verifyChain() {
      const end = await db
        .selectFrom("journal")
        .select(["audit_seq", "audit_hash"])
        .executeTakeFirstOrThrow();
      let seq = 0;
      let hash = "";
      while (seq < end.audit_seq) {
        const rows = await db
          .selectFrom("audit")
          .select(auditColumns)
          .where("seq", ">", seq)
          .where("seq", "<=", end.audit_seq)
          .orderBy("seq")
          .limit(pageSize)
          .execute();
        if (rows.length === 0) return { outcome: "broken", seq: seq + 1, problem: "missing" };
        for (const row of rows) {
          if (row.seq !== seq + 1) return { outcome: "broken", seq: seq + 1, problem: "missing" };
          hash = chainHash(hash, row);
          if (hash !== row.hash) return { outcome: "broken", seq: row.seq, problem: "altered" };
          seq = row.seq;
        }
      }
      const beyond = await db
        .selectFrom("audit")
        .select("seq")
        .where("seq", ">", seq)
        .limit(1)
        .executeTakeFirst();
      if (beyond !== undefined) return { outcome: "broken", seq: beyond.seq, problem: "added" };
      if (hash !== end.audit_hash) return { outcome: "broken", seq, problem: "journal" };
      return { outcome: "intact", rows: seq, hash };
    },
  };
}

const auditColumns = [
  "seq",
  "at",
  "event",
  "actor_id",
  "user_id",
  "sid",
  "address",
  "detail",
  "hash",
] as const;

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
