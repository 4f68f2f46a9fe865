// The audit trail: what happened, in order, each row sealed by the hash of the one before it.

import { createHash } from "node:crypto";
import type { Database } from "../database/database.ts";
import type { AuditTable } from "../database/tables.ts";

/** Every kind of event in the trail. */
export type AuditEventName =
  | "account_created"
  | "account_changed"
  | "account_deleted"
  | "account_disabled"
  | "account_enabled"
  | "password_changed"
  | "roles_changed"
  | "login_failed"
  | "session_opened"
  | "session_ended"
  | "sessions_ended"
  | "renewal_late"
  | "renewal_reused"
  | "renewal_from_future"
  | "everything_revoked"
  | "key_created"
  | "key_staged"
  | "key_activated"
  | "key_retired"
  | "key_revoked"
  | "key_exported";

export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface AuditEvent {
  readonly event: AuditEventName;
  /** Who did it, when it was not the user themselves: an administrator's id. */
  readonly actorId?: string | null;
  /** Whom it happened to. */
  readonly userId?: string | null;
  readonly sid?: string | null;
  /** The network address that it came from. */
  readonly address?: string | null;
  /** Never token material, passwords or hashes of them. */
  readonly detail?: AuditDetail;
}

/** Who asks for a change: an administrator when it is not the user, and the network address of the request. */
export interface Origin {
  readonly actorId?: string | null;
  readonly address?: string | null;
}

export interface AuditRow extends Required<AuditEvent> {
  readonly seq: number;
  /** Milliseconds since the epoch on the database's clock. */
  readonly atMs: number;
}

/** What breaks the chain at a row; `journal`: the rows agree, but their end is not the one that was last written. */
export type ChainProblem = "altered" | "missing" | "added" | "journal";

export type ChainVerdict =
  | { readonly outcome: "intact"; readonly rows: number; readonly hash: string }
  | { readonly outcome: "broken"; readonly seq: number; readonly problem: ChainProblem };

const pageSize = 500;

/** Reads and proves the trail; rows are only ever written together with the change that they describe, or by `record`. */
export class AuditTrail {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes an event that changed nothing else, such as a failed log-in. */
  async record(event: AuditEvent): Promise<void> {
    await this.#database.record(event);
  }

  /** A page of rows older than `before` (a `seq`; the newest without it), newest first. */
  async list(options: { before?: number; limit: number; userId?: string }): Promise<AuditRow[]> {
    const { before, limit, userId } = options;
    const rows = await this.#database.db
      .selectFrom("audit")
      .select(auditColumns)
      .$if(before !== undefined, (query) => query.where("seq", "<", before ?? 0))
      .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? ""))
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
    return rows.map(auditRow);
  }

  /** Recomputes every hash. A row altered, removed or added anywhere, the end included, breaks the chain. */
  async verifyChain(): Promise<ChainVerdict> {
    const { db } = this.#database;
    const end = await db.selectFrom("journal").select(["audit_seq", "audit_hash"]).executeTakeFirstOrThrow();
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
  }
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

/** The hash of a row: over the hash before it and every column, as one JSON array. */
export function chainHash(previousHash: string, row: Omit<AuditTable, "hash">): string {
  const fields = [row.seq, row.at, row.event, row.actor_id, row.user_id, row.sid, row.address, row.detail];
  return createHash("sha256")
    .update(JSON.stringify([previousHash, ...fields]))
    .digest("base64url");
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
