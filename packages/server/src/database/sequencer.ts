// The sequencer: gives audit rows and feed entries their numbers, without gaps, and chains the rows.

import type { Kysely, RawBuilder } from "kysely";
import { chainHash, type AuditEvent } from "./audit-event.ts";
import type { AuditSeal } from "./audit-seal.ts";
import { StoreError } from "./errors.ts";
import type { RevocationEntry } from "./revocation-entry.ts";
import type { StallGuard } from "./stall-guard.ts";
import type { AuditTable, RevocationsTable, SequencerTable, Tables } from "./tables.ts";

/** What a transaction has collected for its end. */
export interface Collected {
  readonly events: readonly AuditEvent[];
  readonly entries: readonly RevocationEntry[];
  /** On the database's clock; past it the transaction fails. */
  readonly deadlineMs: number;
}

/** What gets numbers, in this order. */
export interface Unnumbered {
  readonly events: readonly Omit<AuditTable, "seq" | "hash">[];
  readonly entries: readonly RevocationEntry[];
}

/** What the sequencer needs of the database around it. */
interface Sequencing {
  readonly stallGuard: StallGuard;
  readonly now: () => RawBuilder<number>;
  /** Seals the end of the trail; undefined before the master key is open. */
  readonly seal: () => AuditSeal | undefined;
}

/** Where the trail and the feed end. */
type Heads = Pick<
  SequencerTable,
  "audit_seq" | "audit_hash" | "audit_seal_seq" | "audit_seal" | "revocation_seq"
>;

export const headColumns = [
  "audit_seq",
  "audit_hash",
  "audit_seal_seq",
  "audit_seal",
  "revocation_seq",
] as const;

/** Below the parameter limits of both databases. */
export const rowsPerInsert = 500;

/**
 * Numbers what a transaction collected, as its last statements: where there is one writer (SQLite),
 * the order of the numbers is the order of commits.
 *
 * @throws StoreError `unavailable` past the deadline, which undoes the transaction
 */
export async function writeInSequence(
  { stallGuard, now, seal }: Sequencing,
  db: Kysely<Tables>,
  { events, entries, deadlineMs }: Collected,
): Promise<void> {
  const { now: nowMs, ...heads } = await db
    .selectFrom("journal")
    .select(headColumns)
    .select(now().as("now"))
    .executeTakeFirstOrThrow();
  stallGuard.check(deadlineMs, nowMs);
  const numbered = { events: events.map((event) => unnumberedEvent(event, nowMs)), entries };
  await appendInSequence(db, heads, numbered, seal());
}

export function unnumberedEvent(event: AuditEvent, at: number): Unnumbered["events"][number] {
  return {
    at,
    event: event.event,
    actor_id: event.actorId ?? null,
    user_id: event.userId ?? null,
    sid: event.sid ?? null,
    address: event.address ?? null,
    detail: JSON.stringify(event.detail ?? {}),
  };
}

/**
 * Writes rows and entries behind `heads`, which then must still be where the trail and the feed end.
 *
 * The row of the sequencer keeps the table's name that it has had from the start, `journal`: an
 * instance of the release before this one may run beside it. It locks that row, numbers in its
 * transaction, and adds to what it read under the lock.
 *
 * @throws StoreError `unavailable` if somebody else has numbered since
 */
export async function appendInSequence(
  db: Kysely<Tables>,
  heads: Heads,
  { events, entries }: Unnumbered,
  seal: AuditSeal | undefined,
): Promise<void> {
  let hash = heads.audit_hash;
  const auditRows: AuditTable[] = [];
  for (const [index, event] of events.entries()) {
    const row = { seq: heads.audit_seq + index + 1, ...event };
    hash = chainHash(hash, row);
    auditRows.push({ ...row, hash });
  }
  const revocationRows = entries.map((entry, index) =>
    revocationRow(entry, heads.revocation_seq + index + 1),
  );

  for (let start = 0; start < auditRows.length; start += rowsPerInsert) {
    await db
      .insertInto("audit")
      .values(auditRows.slice(start, start + rowsPerInsert))
      .execute();
  }
  for (let start = 0; start < revocationRows.length; start += rowsPerInsert) {
    await db
      .insertInto("revocations")
      .values(revocationRows.slice(start, start + rowsPerInsert))
      .execute();
  }
  const { numUpdatedRows } = await db
    .updateTable("journal")
    .set({
      audit_seq: heads.audit_seq + auditRows.length,
      audit_hash: hash,
      revocation_seq: heads.revocation_seq + revocationRows.length,
      ...(auditRows.length > 0 ? await sealedEnd(seal, db, heads, hash, auditRows.length) : {}),
    })
    .where("audit_seq", "=", heads.audit_seq)
    .where("revocation_seq", "=", heads.revocation_seq)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n)
    throw new StoreError("unavailable", "Another instance has numbered the same at the same time.");
}

/**
 * The seal of the new end, if the old one was sealed: a seal that is missing or false stays as it
 * is, and shows. An instance of a release that does not seal may have written behind the sealed end.
 */
async function sealedEnd(
  seal: AuditSeal | undefined,
  db: Kysely<Tables>,
  heads: Heads,
  hash: string,
  rows: number,
): Promise<Partial<Pick<SequencerTable, "audit_seal_seq" | "audit_seal">>> {
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
