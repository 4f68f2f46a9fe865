// The audit trail: what happened, in order, each row sealed by the hash of the one before it.

import {
  chainHash,
  type AuditDetail,
  type AuditEvent,
  type AuditEventName,
} from "../database/audit-event.ts";
import type { AuditSeal } from "../database/audit-seal.ts";
import type { Database } from "../database/database.ts";
import { countWaitingEvents } from "../database/outbox.ts";
import { hashOfRow } from "../database/sequencer.ts";
import type { AuditTable } from "../database/tables.ts";

export interface AuditRow extends Required<AuditEvent> {
  readonly seq: number;
  /** Milliseconds since the epoch on the database's clock. */
  readonly atMs: number;
}

/**
 * What breaks the chain at a row; `journal`: the rows agree, but their end is not the one that was
 * last written; `seal`: they agree with each other, but not with the seal, or it is missing.
 */
export type ChainProblem = "altered" | "missing" | "added" | "journal" | "seal";

export type ChainVerdict =
  | {
      readonly outcome: "intact";
      readonly rows: number;
      readonly hash: string;
      /** How many of them, from the first, are under a seal that was judged. */
      readonly sealedRows: number;
      /** How many more events have no number yet. */
      readonly waitingRows: number;
    }
  | { readonly outcome: "broken"; readonly seq: number; readonly problem: ChainProblem };

const pageSize = 500;

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
  /** Whether a row has this hash: whoever noted it knows that the trail goes on from there. */
  holds(hash: string): Promise<boolean>;
  /** Every row as it is stored, oldest first, page by page. */
  pages(): AsyncGenerator<readonly AuditTable[], void, undefined>;
  /** Seals the end of the trail whenever it grows from now on. */
  readonly sealWith: Database["sealWith"];
  /**
   * Seals the end that there is, if this is the first time; otherwise says whether it is sealed.
   * Needs `sealWith`.
   */
  sealNow(options: { readonly isFirst: boolean }): Promise<boolean>;
}

/** With what the end of the trail is sealed, and whether a seal must be there. */
export interface ExpectedSeal {
  readonly seal: AuditSeal;
  readonly isExpected: boolean;
}

export function createAuditTrail(database: Database): AuditTrail {
  const { db } = database;
  let seal: AuditSeal | undefined;

  async function* pagesUpTo(last: number): AsyncGenerator<readonly AuditTable[], void, undefined> {
    for (let seq = 0; ;) {
      const rows = await db
        .selectFrom("audit")
        .select(auditColumns)
        .where("seq", ">", seq)
        .where("seq", "<=", last)
        .orderBy("seq")
        .limit(pageSize)
        .execute();
      if (rows.length === 0) return;
      yield rows;
      seq = rows.at(-1)?.seq ?? seq;
    }
  }

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

    async verifyChain(expected) {
      await database.seal();
      const end = await db
        .selectFrom("journal")
        .select(["audit_seq", "audit_hash", "audit_seal_seq", "audit_seal"])
        .executeTakeFirstOrThrow();
      let seq = 0;
      let hash = "";
      for await (const rows of pagesUpTo(end.audit_seq)) {
        for (const row of rows) {
          if (row.seq !== seq + 1) return { outcome: "broken", seq: seq + 1, problem: "missing" };
          hash = chainHash(hash, row);
          if (hash !== row.hash) return { outcome: "broken", seq: row.seq, problem: "altered" };
          seq = row.seq;
        }
      }
      if (seq < end.audit_seq) return { outcome: "broken", seq: seq + 1, problem: "missing" };
      // Of what was written meanwhile the sequencer knows: both are read by one statement.
      const beyond = await db
        .selectFrom("audit")
        .select("seq")
        .where("seq", ">", (from) => from.selectFrom("journal").select("audit_seq"))
        .orderBy("seq")
        .limit(1)
        .executeTakeFirst();
      if (beyond !== undefined) return { outcome: "broken", seq: beyond.seq, problem: "added" };
      if (hash !== end.audit_hash) return { outcome: "broken", seq, problem: "journal" };
      const { audit_seal_seq: sealedSeq, audit_seal: mac } = end;
      const waitingRows = await countWaitingEvents(db, database.dialect);
      const unsealed = { outcome: "intact", rows: seq, hash, sealedRows: 0, waitingRows } as const;
      if (expected === undefined) return unsealed;
      if (mac === null || sealedSeq === null)
        return expected.isExpected ? { outcome: "broken", seq, problem: "seal" } : unsealed;
      const sealed = { seq: sealedSeq, hash: await hashOfRow(db, sealedSeq) };
      if (sealedSeq > seq || !expected.seal.isOf(sealed, mac))
        return { outcome: "broken", seq, problem: "seal" };
      return { ...unsealed, sealedRows: sealedSeq };
    },

    async holds(hash) {
      const row = await db.selectFrom("audit").select("seq").where("hash", "=", hash).executeTakeFirst();
      return row !== undefined;
    },

    pages: () => pagesUpTo(Number.MAX_SAFE_INTEGER),

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
