// The revocation log: which access tokens died before their time, in the order in which that was
// committed.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { waitedMs } from "../database/outbox.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import type { RevocationEntry, SessionRevocation } from "../database/revocation-entry.ts";
import type { AgreedTime } from "../database/steady-clock.ts";
import type { RevocationsTable, SequencerTable } from "../database/tables.ts";
import { StoreError } from "../database/errors.ts";
import { newEpoch, type RandomBytes } from "../randomness.ts";
import type { Cursor } from "./cursor.ts";

export interface NumberedRevocation {
  readonly seq: number;
  readonly entry: RevocationEntry;
}

export type RevocationsSince =
  /**
   * Everything after the cursor, up to the limit; `cursor` is that of the last one returned, or the
   * one asked for.
   */
  | {
      readonly outcome: "entries";
      readonly entries: readonly NumberedRevocation[];
      readonly cursor: Cursor;
      /** How long the oldest of what is committed has waited for its number; absent where nothing does. */
      readonly waitingMs?: number;
    }
  /**
   * The cursor is of another epoch, older than what is kept, or newer than the log: take a
   * snapshot. `cursor` is the end of the log.
   */
  | { readonly outcome: "reset"; readonly cursor: Cursor };

/** All that is in force, as of `cursor`. */
export interface RevocationsInForce {
  readonly cursor: Cursor;
  /** Whole seconds, or null when nothing is revoked globally. */
  readonly tokensBefore: number | null;
  readonly sessions: readonly SessionRevocation[];
  readonly keys: readonly string[];
}

/**
 * The feed's side of the store; entries are appended by the changes that cause them
 * (`change.revoke`).
 */
export interface RevocationLog {
  /** What was appended after `cursor`, without gaps, at most `limit` entries. */
  since(cursor: Cursor, limit: number): Promise<RevocationsSince>;
  /** Everything that is still in force. */
  snapshot(): Promise<RevocationsInForce>;
  /**
   * Forgets entries that no living token can meet, page by page, and remembers how far that went.
   * Returns how many.
   */
  prune(signal?: AbortSignal): Promise<number>;
  /**
   * Draws a new epoch and returns it: for a log whose numbers may have been given out with another
   * meaning before, as after a restored backup. Every follower then takes the whole list.
   */
  beginEpoch(): Promise<string>;
}

/**
 * Events alone may wait for so long until somebody numbers them, so that batches are worth their
 * commit; whoever commits a revocation numbers it at once.
 */
const gatheredForMs = 100;

/** For tokens that are dated ahead, and for a clock that runs a little faster than another. */
const marginSeconds = 60;

export interface RevocationLogOptions {
  /** Without it, a clock that jumped ahead before the start makes the log forget early. */
  readonly agreedTime?: AgreedTime | undefined;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs?: (() => number) | undefined;
  readonly random?: RandomBytes | undefined;
}

export function createRevocationLog(database: Database, options: RevocationLogOptions = {}): RevocationLog {
  const { now, dialect, revocationSeconds, history } = database;
  const { agreedTime = (databaseMs) => databaseMs, steadyMs = () => performance.now(), random } = options;
  /** How far the log went at earlier prunings, oldest first: as long as an entry can matter. */
  let marks: { readonly seq: number; readonly steadyMs: number }[] = [];

  /**
   * What a clock that jumps ahead must not make the log forget is younger than this: entries after
   * `seq`, unless two clocks agree that they expired before `agreedSeconds`.
   */
  async function forgettable(): Promise<{ readonly seq: number; readonly agreedSeconds: number }> {
    const head = await database.db
      .selectFrom("journal")
      .select(["revocation_seq", now().as("now")])
      .executeTakeFirstOrThrow();
    const nowMs = steadyMs();
    const isOld = (mark: { steadyMs: number }): boolean =>
      nowMs - mark.steadyMs >= (revocationSeconds + marginSeconds) * 1000;
    const seq = marks.findLast(isOld)?.seq ?? 0;
    marks = [
      ...marks.filter((mark) => !isOld(mark) || mark.seq === seq),
      { seq: head.revocation_seq, steadyMs: nowMs },
    ];
    return { seq, agreedSeconds: Math.floor(agreedTime(head.now) / 1000) };
  }

  function prunePage(
    after: number,
    old: { readonly seq: number; readonly agreedSeconds: number },
  ): Promise<Page<number>> {
    return database.change(async ({ db }) => {
      const { end } = await db
        .selectFrom((from) =>
          from
            .selectFrom("revocations")
            .select("seq")
            .where("seq", ">", after)
            .orderBy("seq")
            .limit(pageRows)
            .as("page"),
        )
        .select((on) => on.fn.max("page.seq").as("end"))
        .executeTakeFirstOrThrow();
      if (end === null) return { removed: 0, end: undefined };
      const removed = await db
        .deleteFrom("revocations")
        .where("seq", ">", after)
        .where("seq", "<=", end)
        .where("expires_at", "<=", sql<number>`${now()} / 1000`)
        .where((at) => at.or([at("seq", "<=", old.seq), at("expires_at", "<=", old.agreedSeconds)]))
        .returning("seq")
        .execute();
      const last = removed.reduce((highest, row) => Math.max(highest, row.seq), 0);
      await db
        .updateTable("journal")
        .set({ revocation_pruned_seq: last })
        .where("revocation_pruned_seq", "<", last)
        .execute();
      return { removed: removed.length, end };
    });
  }

  /** Nothing that was read in one history is told in another: it is read again, under the epoch of this one. */
  async function inItsHistory<Row extends { readonly has_moved: boolean | number }>(
    read: () => Promise<Row[]>,
  ): Promise<Row[]> {
    const rows = await read();
    if (!rows[0]?.has_moved) return rows;
    await history.follow();
    const again = await read();
    if (again[0]?.has_moved)
      throw new StoreError("unavailable", "PostgreSQL has begun another timeline; it is looked at again.");
    return again;
  }

  /** One statement, so that the bounds and the rows are of the same moment. */
  async function readSince(
    cursor: Cursor,
    limit: number,
  ): Promise<{ readonly since: RevocationsSince; readonly waitedMs: number | null }> {
    const rows = await inItsHistory(() => rowsSince(database.db, { number: cursor.number, limit }));
    const end = endOf(rows);
    const pruned = rows[0]?.revocation_pruned_seq ?? 0;
    const waited = rows[0]?.waited_ms ?? null;
    const { epoch, number } = cursor;
    if (epoch !== end.epoch || number > end.number || number < pruned)
      return { since: { outcome: "reset", cursor: end }, waitedMs: waited };
    const entries: NumberedRevocation[] = [];
    for (const row of rows) {
      if (row.seq !== null) entries.push({ seq: row.seq, entry: entryOf(row) });
    }
    const since: RevocationsSince = {
      outcome: "entries",
      entries,
      cursor: { epoch, number: entries.at(-1)?.seq ?? number },
      ...(waited !== null && { waitingMs: waited }),
    };
    return { since, waitedMs: waited };
  }

  // Built once, as every instance asks many times a second.
  const rowsSince = database.prebuilt(
    ({ number, limit }: { readonly number: number; readonly limit: number }) =>
      database.db
        .selectFrom("journal")
        .leftJoin(
          (eb) =>
            eb
              .selectFrom("revocations")
              .select(entryColumns)
              .where("seq", ">", number)
              .orderBy("seq")
              .limit(limit)
              .as("entry"),
          (join) => join.onTrue(),
        )
        .select(["journal.revocation_seq", "journal.revocation_pruned_seq", "journal.revocation_epoch"])
        .select(history.hasMoved.as("has_moved"))
        .select(["entry.seq", "entry.sid", "entry.kid", "entry.tokens_before", "entry.expires_at"])
        .select(waitedMs(dialect, now).as("waited_ms"))
        .orderBy("entry.seq"),
  );

  function rowsInForce() {
    return database.db
      .selectFrom("journal")
      .leftJoin(
        (eb) =>
          eb
            .selectFrom("revocations")
            .select(entryColumns)
            .where((on) =>
              on.or([on("expires_at", "is", null), on("expires_at", ">", sql<number>`${now()} / 1000`)]),
            )
            .as("entry"),
        (join) => join.onTrue(),
      )
      .select(["journal.revocation_seq", "journal.revocation_epoch"])
      .select(history.hasMoved.as("has_moved"))
      .select(["entry.seq", "entry.sid", "entry.kid", "entry.tokens_before", "entry.expires_at"])
      .orderBy("entry.seq")
      .execute();
  }

  return {
    async since(cursor, limit) {
      const next = await readSince(cursor, limit);
      if (next.waitedMs === null || (next.waitedMs < gatheredForMs && !database.isSealing()))
        return next.since;
      await database.seal();
      return (await readSince(cursor, limit)).since;
    },

    async snapshot() {
      await database.seal();
      const rows = await inItsHistory(rowsInForce);

      const sessions = new Map<string, SessionRevocation>();
      const keys: string[] = [];
      let tokensBefore: number | null = null;
      for (const row of rows) {
        if (row.seq === null) continue;
        const entry = entryOf(row);
        if ("kid" in entry) keys.push(entry.kid);
        else if (!("sid" in entry)) tokensBefore = Math.max(tokensBefore ?? 0, entry.tokensBefore);
        else sessions.set(entry.sid, strictest(sessions.get(entry.sid), entry));
      }
      return { cursor: endOf(rows), tokensBefore, sessions: [...sessions.values()], keys };
    },

    async prune(signal) {
      await database.seal();
      const old = await forgettable();
      return removeByPages(0, (after) => prunePage(after, old), signal);
    },

    async beginEpoch() {
      const epoch = newEpoch(random);
      await database.db
        .updateTable("journal")
        .set({ revocation_epoch: epoch, ...history.accepted })
        .execute();
      return epoch;
    },
  };
}

/** The head of the log stands in every row of these look-ups, and there is always one. */
function endOf(rows: readonly Pick<SequencerTable, "revocation_epoch" | "revocation_seq">[]): Cursor {
  return { epoch: rows[0]?.revocation_epoch ?? "", number: rows[0]?.revocation_seq ?? 0 };
}

const entryColumns = ["seq", "sid", "kid", "tokens_before", "expires_at"] as const;

function entryOf(row: Omit<RevocationsTable, "seq">): RevocationEntry {
  if (row.kid !== null) return { kid: row.kid };
  const times = { tokensBefore: row.tokens_before ?? 0, expiresAt: row.expires_at ?? 0 };
  return row.sid === null ? times : { sid: row.sid, ...times };
}

function strictest(earlier: SessionRevocation | undefined, entry: SessionRevocation): SessionRevocation {
  if (earlier === undefined) return entry;
  return {
    sid: entry.sid,
    tokensBefore: Math.max(earlier.tokensBefore, entry.tokensBefore),
    expiresAt: Math.max(earlier.expiresAt, entry.expiresAt),
  };
}
