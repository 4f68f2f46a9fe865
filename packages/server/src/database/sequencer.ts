// The sequencer: the end of every changing transaction, where audit rows and feed entries get their
// numbers.

import type { Kysely, RawBuilder } from "kysely";
import { chainHash, type AuditEvent } from "./audit-event.ts";
import type { AuditSeal } from "./audit-seal.ts";
import type { RevocationEntry } from "./revocation-entry.ts";
import type { Dialect } from "./migration.ts";
import type { StallGuard } from "./stall-guard.ts";
import type { AuditTable, RevocationsTable, SequencerTable, Tables } from "./tables.ts";

/** What a transaction has collected for its end. */
export interface Collected {
  readonly events: readonly AuditEvent[];
  readonly entries: readonly RevocationEntry[];
  /** On the database's clock; past it the transaction fails. */
  readonly deadlineMs: number;
}

/** What the sequencer needs of the database around it. */
interface Sequencing {
  readonly dialect: Dialect;
  readonly stallGuard: StallGuard;
  readonly now: () => RawBuilder<number>;
  /** Seals the end of the trail; undefined before the master key is open. */
  readonly seal: () => AuditSeal | undefined;
}

/** Rows per insert, below the parameter limits of both databases. */
const batchSize = 500;

/**
 * Writes what a transaction collected, as its last statements.
 *
 * The one row of the sequencer is locked from here to the commit, so numbers are without gaps and
 * in the order of commits: a reader that has seen number n will never later find a smaller one that
 * it had not seen.
 *
 * Its table keeps the name that it has had from the start, `journal`: an instance of the release
 * before this one may run beside it and writes there, too.
 *
 * @throws StoreError `unavailable` past the deadline, which undoes the transaction
 */
export async function writeInSequence(
  { dialect, stallGuard, now, seal }: Sequencing,
  db: Kysely<Tables>,
  { events, entries, deadlineMs }: Collected,
): Promise<void> {
  if (events.length === 0 && entries.length === 0) return;
  const heads = await db
    .selectFrom("journal")
    .select(["audit_seq", "audit_hash", "audit_seal_seq", "audit_seal", "revocation_seq", now().as("now")])
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirstOrThrow();
  stallGuard.check(deadlineMs, heads.now);

  let hash = heads.audit_hash;
  const auditRows: AuditTable[] = [];
  for (const [index, event] of events.entries()) {
    const row = {
      seq: heads.audit_seq + index + 1,
      at: heads.now,
      event: event.event,
      actor_id: event.actorId ?? null,
      user_id: event.userId ?? null,
      sid: event.sid ?? null,
      address: event.address ?? null,
      detail: JSON.stringify(event.detail ?? {}),
    };
    hash = chainHash(hash, row);
    auditRows.push({ ...row, hash });
  }
  const revocationRows = entries.map((entry, index) =>
    revocationRow(entry, heads.revocation_seq + index + 1),
  );

  for (let start = 0; start < auditRows.length; start += batchSize) {
    await db
      .insertInto("audit")
      .values(auditRows.slice(start, start + batchSize))
      .execute();
  }
  for (let start = 0; start < revocationRows.length; start += batchSize) {
    await db
      .insertInto("revocations")
      .values(revocationRows.slice(start, start + batchSize))
      .execute();
  }
  await db
    .updateTable("journal")
    .set({
      audit_seq: heads.audit_seq + auditRows.length,
      audit_hash: hash,
      revocation_seq: heads.revocation_seq + revocationRows.length,
      ...(auditRows.length > 0 ? await sealedEnd(seal(), db, heads, hash, auditRows.length) : {}),
    })
    .execute();
}

/**
 * The seal of the new end, if the old one was sealed: a seal that is missing or false stays as it
 * is, and shows. An instance of a release that does not seal may have written behind the sealed end.
 */
async function sealedEnd(
  seal: AuditSeal | undefined,
  db: Kysely<Tables>,
  heads: Pick<SequencerTable, "audit_seq" | "audit_hash" | "audit_seal_seq" | "audit_seal">,
  hash: string,
  rows: number,
): Promise<Partial<SequencerTable>> {
  const { audit_seq: end, audit_seal_seq: sealedSeq, audit_seal: mac } = heads;
  if (seal === undefined || mac === null || sealedSeq === null) return {};
  const sealedHash = sealedSeq === end ? heads.audit_hash : await hashOfRow(db, sealedSeq);
  if (!seal.isOf({ seq: sealedSeq, hash: sealedHash }, mac)) return {};
  const seq = end + rows;
  return { audit_seal_seq: seq, audit_seal: seal.make({ seq, hash }) };
}

/** Of no row: "", where the chain begins. */
export async function hashOfRow(db: Kysely<Tables>, seq: number): Promise<string> {
  const row = await db.selectFrom("audit").select("hash").where("seq", "=", seq).executeTakeFirst();
  return row?.hash ?? "";
}

function revocationRow(entry: RevocationEntry, seq: number): RevocationsTable {
  if ("kid" in entry) return { seq, sid: null, kid: entry.kid, tokens_before: null, expires_at: null };
  return {
    seq,
    sid: "sid" in entry ? entry.sid : null,
    kid: null,
    tokens_before: entry.tokensBefore,
    expires_at: entry.expiresAt,
  };
}
