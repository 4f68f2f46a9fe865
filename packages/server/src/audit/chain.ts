// Whether the trail is whole: every hash is computed again, from where the trail begins to where it ends.
import { setImmediate } from "node:timers/promises";
import { chainHash } from "../database/audit-event.ts";
import type { AuditEnd, AuditSeal } from "../database/audit-seal.ts";
import type { Database } from "../database/database.ts";
import { countWaitingEvents } from "../database/outbox.ts";
import type { AuditTable } from "../database/tables.ts";

/**
 * What breaks the chain at a row; `journal`: the rows agree, but their end is not the one that was
 * last written; `seal`: they agree with each other, but not with the seal, or it is missing; `start`: rows are missing
 * from the beginning, and nobody with the key has removed them.
 */
export type ChainProblem = "altered" | "missing" | "added" | "journal" | "seal" | "start";

export interface IntactChain {
  readonly outcome: "intact";
  /** How many there are. */
  readonly rows: number;
  /** How many were removed before them. */
  readonly prunedRows: number;
  /** The hash of the last one of those; "" for none. */
  readonly prunedHash: string;
  /** That of the last one of all. */
  readonly hash: string;
  /** How many of them, from the first, are under a seal that was judged. */
  readonly sealedRows: number;
  /** How many more events have no number yet. */
  readonly waitingRows: number;
}

export interface BrokenChain {
  readonly outcome: "broken";
  readonly seq: number;
  readonly problem: ChainProblem;
}

export type ChainVerdict = IntactChain | BrokenChain;

/** With what the ends of the trail are sealed, and whether a seal must be there. */
export interface ExpectedSeal {
  readonly seal: AuditSeal;
  readonly isExpected: boolean;
}

export interface JudgingOptions {
  /** Without it, whoever computed all hashes anew is not noticed. */
  readonly expected?: ExpectedSeal | undefined;
  /** Milliseconds since the epoch: `steps` are up to the first event of then or later. */
  readonly beforeMs?: number | undefined;
  /** A hash that somebody noted. */
  readonly lookFor?: string | undefined;
  /** Called between pages with the number up to which all is proved, and the last number. May throw to end it. */
  readonly onPage?: ((seq: number, last: number) => Promise<void> | void) | undefined;
}

export interface JudgedChain {
  readonly verdict: ChainVerdict;
  /** Whether an event has the hash, or the last one that was removed had it: the trail goes on from there. */
  readonly isFound: boolean;
  /**
   * Where the rows begin of which these can be removed, and places a page apart from there to the last event older than
   * `beforeMs`. The event that carries the seal is never among them.
   */
  readonly start: AuditEnd;
  readonly steps: readonly AuditEnd[];
}

const pageSize = 500;

export const auditColumns = [
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

/**
 * Pages of the rows after `after`, oldest first, up to `last`. SQLite answers within the same turn of the event loop, so
 * whoever else waits gets one between two pages.
 */
export async function* pagesOfTrail(
  { db }: Pick<Database, "db">,
  after: number,
  last: number = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<readonly AuditTable[], void, undefined> {
  for (let seq = after; ;) {
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
    await setImmediate();
    seq = rows.at(-1)?.seq ?? seq;
  }
}

/** Where the trail begins and ends, as is written down: read by one statement. */
interface Bounds {
  readonly start: AuditEnd;
  readonly startSeal: string | null;
  readonly end: AuditEnd;
  readonly sealedSeq: number | null;
  readonly endSeal: string | null;
}

async function readBounds({ db }: Pick<Database, "db">): Promise<Bounds> {
  const row = await db
    .selectFrom("journal")
    .select(["audit_start_seq", "audit_start_hash", "audit_start_seal"])
    .select(["audit_seq", "audit_hash", "audit_seal_seq", "audit_seal"])
    .executeTakeFirstOrThrow();
  const isPruned = row.audit_start_seq !== 0;
  return {
    start: { seq: row.audit_start_seq, hash: isPruned ? row.audit_start_hash : "" },
    startSeal: row.audit_start_seal,
    end: { seq: row.audit_seq, hash: row.audit_hash },
    sealedSeq: row.audit_seal_seq,
    endSeal: row.audit_seal,
  };
}

/** Where the rows begin: number, hash and seal of the last one that was removed. */
export async function startOfTrail(
  database: Pick<Database, "db">,
): Promise<AuditEnd & { readonly seal: string | null }> {
  const { start, startSeal } = await readBounds(database);
  return { ...start, seal: startSeal };
}

/** A row altered, removed or added anywhere, the ends included, breaks the chain. */
export async function judgeChain(database: Database, options: JudgingOptions): Promise<JudgedChain> {
  await database.seal();
  for (;;) {
    const bounds = await readBounds(database);
    const judged = await judgeBetween(database, bounds, options);
    if (judged.verdict.outcome === "intact") return judged;
    // Rows may have been removed by the command while they were read: then the others are proved from there.
    const { start } = await readBounds(database);
    if (start.seq <= bounds.start.seq) return judged;
  }
}

async function judgeBetween(
  database: Database,
  { start, startSeal, end, sealedSeq, endSeal }: Bounds,
  { expected, beforeMs = -Infinity, lookFor, onPage }: JudgingOptions,
): Promise<JudgedChain> {
  const steps: AuditEnd[] = [];
  let isFound = lookFor === start.hash;
  const broken = (seq: number, problem: ChainProblem): JudgedChain => ({
    verdict: { outcome: "broken", seq, problem },
    isFound,
    start,
    steps: [],
  });

  if (start.seq !== 0 && expected?.seal.isOf(start, startSeal ?? "", "start") === false)
    return broken(start.seq, "start");
  let last = start;
  let sealed = sealedSeq === start.seq ? start : undefined;
  let step = start;
  let isOld = true;
  for await (const rows of pagesOfTrail(database, start.seq, end.seq)) {
    for (const row of rows) {
      if (row.seq !== last.seq + 1) return broken(last.seq + 1, "missing");
      const hash = chainHash(last.hash, row);
      if (hash !== row.hash) return broken(row.seq, "altered");
      last = { seq: row.seq, hash };
      isFound ||= hash === lookFor;
      if (row.seq === sealedSeq) sealed = last;
      isOld &&= row.at < beforeMs && row.seq < (sealedSeq ?? 0);
      if (isOld) step = last;
    }
    if (step.seq > (steps.at(-1) ?? start).seq) steps.push(step);
    await onPage?.(last.seq, end.seq);
  }
  if (last.seq < end.seq) return broken(last.seq + 1, "missing");
  const stray = await strayRow(database);
  if (stray !== undefined) return broken(stray, "added");
  const { seq, hash } = last;
  if (hash !== end.hash) return broken(seq, "journal");

  const chain: IntactChain = {
    outcome: "intact",
    rows: seq - start.seq,
    prunedRows: start.seq,
    prunedHash: start.hash,
    hash,
    sealedRows: 0,
    waitingRows: await countWaitingEvents(database.db, database.dialect),
  };
  if (expected === undefined) return { verdict: chain, isFound, start, steps };
  if (endSeal === null || sealedSeq === null)
    return expected.isExpected ? broken(seq, "seal") : { verdict: chain, isFound, start, steps: [] };
  if (sealed === undefined || !expected.seal.isOf(sealed, endSeal)) return broken(seq, "seal");
  return { verdict: { ...chain, sealedRows: sealedSeq - start.seq }, isFound, start, steps };
}

/** A row outside of where the trail begins and ends. What was written meanwhile is inside: one statement reads both. */
async function strayRow({ db }: Pick<Database, "db">): Promise<number | undefined> {
  const beyond = await db
    .selectFrom("audit")
    .select("seq")
    .where("seq", ">", (from) => from.selectFrom("journal").select("audit_seq"))
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  const below = await db
    .selectFrom("audit")
    .select("seq")
    .where("seq", "<=", (from) => from.selectFrom("journal").select("audit_start_seq"))
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return (beyond ?? below)?.seq;
}
