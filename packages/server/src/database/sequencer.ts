// The sequencer: gives audit rows and feed entries their numbers, without gaps, and chains the rows.

import type { Kysely, RawBuilder } from "kysely";
import { chainHash, type AuditEvent } from "./audit-event.ts";
import type { AuditSeal } from "./audit-seal.ts";
import { StoreError } from "./errors.ts";
import { type Build, type GivenValues, prebuiltForRows } from "./prebuilt.ts";
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

export interface SequencerOptions {
  readonly db: Kysely<Tables>;
  readonly build: Build;
  readonly now: () => RawBuilder<number>;
  readonly stallGuard: StallGuard;
  /** Seals the end of the trail; undefined before the master key is open. */
  readonly seal: () => AuditSeal | undefined;
}

export interface Sequencer {
  /**
   * Numbers what a transaction collected, as its last statements: where there is one writer (SQLite),
   * the order of the numbers is the order of commits.
   *
   * @throws StoreError `unavailable` past the deadline, which undoes the transaction
   */
  write(trx: Kysely<Tables>, collected: Collected): Promise<void>;
  /**
   * Writes rows and entries behind `heads`, which then must still be where the trail and the feed end.
   *
   * @throws StoreError `unavailable` if somebody else has numbered since
   */
  append(trx: Kysely<Tables>, heads: Heads, unnumbered: Unnumbered): Promise<void>;
}

/** A table's row as values. */
type Row<Table> = Pick<Table, keyof Table>;

interface MovedHeads extends GivenValues {
  readonly seenAuditSeq: number;
  readonly seenRevocationSeq: number;
  readonly auditSeq: number;
  readonly auditHash: string;
  readonly revocationSeq: number;
  readonly auditSealSeq: number | null;
  readonly auditSeal: string | null;
}

/**
 * The row of the sequencer keeps the table's name that it has had from the start, `journal`: an
 * instance of the release before this one may run beside it. It locks that row, numbers in its
 * transaction, and adds to what it read under the lock.
 */
export function createSequencer({ db, build, now, stallGuard, seal }: SequencerOptions): Sequencer {
  const readHeads = build(() => db.selectFrom("journal").select(headColumns).select(now().as("now")));
  const insertEvents = prebuiltForRows(build, (rows: readonly Row<AuditTable>[]) =>
    db.insertInto("audit").values(
      rows.map(({ seq, at, event, actor_id, user_id, sid, address, detail, hash }) => {
        return { seq, at, event, actor_id, user_id, sid, address, detail, hash };
      }),
    ),
  );
  const insertEntries = prebuiltForRows(build, (rows: readonly Row<RevocationsTable>[]) =>
    db.insertInto("revocations").values(
      rows.map(({ seq, sid, kid, tokens_before, expires_at }) => {
        return { seq, sid, kid, tokens_before, expires_at };
      }),
    ),
  );
  const moveHeads = (withSeal: boolean) =>
    build((given: MovedHeads) =>
      db
        .updateTable("journal")
        .set({
          audit_seq: given.auditSeq,
          audit_hash: given.auditHash,
          revocation_seq: given.revocationSeq,
          ...(withSeal && { audit_seal_seq: given.auditSealSeq, audit_seal: given.auditSeal }),
        })
        .where("audit_seq", "=", given.seenAuditSeq)
        .where("revocation_seq", "=", given.seenRevocationSeq)
        .returning("id"),
    );
  const moveUnsealed = moveHeads(false);
  const moveSealed = moveHeads(true);

  async function append(trx: Kysely<Tables>, heads: Heads, { events, entries }: Unnumbered): Promise<void> {
    const { audit_seq: seenAuditSeq, revocation_seq: seenRevocationSeq } = heads;
    let auditHash = heads.audit_hash;
    const auditRows: AuditTable[] = [];
    for (const [index, event] of events.entries()) {
      const row = { seq: seenAuditSeq + index + 1, ...event };
      auditHash = chainHash(auditHash, row);
      auditRows.push({ ...row, hash: auditHash });
    }
    await insertEvents(trx, auditRows);
    await insertEntries(
      trx,
      entries.map((entry, index) => revocationRow(entry, seenRevocationSeq + index + 1)),
    );
    const end = { seq: seenAuditSeq + events.length, hash: auditHash };
    const mac = events.length > 0 ? await sealOf(seal(), trx, heads, end) : undefined;
    const moved = await (mac === undefined ? moveUnsealed : moveSealed)(trx, {
      seenAuditSeq,
      seenRevocationSeq,
      auditSeq: end.seq,
      auditHash,
      revocationSeq: seenRevocationSeq + entries.length,
      auditSealSeq: end.seq,
      auditSeal: mac ?? null,
    });
    if (moved.length !== 1)
      throw new StoreError("unavailable", "Another instance has numbered the same at the same time.");
  }

  return {
    async write(trx, { events, entries, deadlineMs }) {
      const [read] = await readHeads(trx, {});
      if (read === undefined) throw new TypeError("the row of the sequencer is missing");
      const { now: nowMs, ...heads } = read;
      stallGuard.check(deadlineMs, nowMs);
      await append(trx, heads, { events: events.map((event) => unnumberedEvent(event, nowMs)), entries });
    },
    append,
  };
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
 * The seal of the new end, if the old one was sealed: a seal that is missing or false stays as it
 * is, and shows. An instance of a release that does not seal may have written behind the sealed end.
 */
async function sealOf(
  seal: AuditSeal | undefined,
  db: Kysely<Tables>,
  { audit_seq: seenSeq, audit_hash: seenHash, audit_seal_seq: sealedSeq, audit_seal: mac }: Heads,
  end: { readonly seq: number; readonly hash: string },
): Promise<string | undefined> {
  if (seal === undefined || mac === null || sealedSeq === null) return undefined;
  const sealedHash = sealedSeq === seenSeq ? seenHash : await hashOfRow(db, sealedSeq);
  return seal.isOf({ seq: sealedSeq, hash: sealedHash }, mac) ? seal.make(end) : undefined;
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
