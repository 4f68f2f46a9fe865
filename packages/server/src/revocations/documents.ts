// The feed as documents: the whole list, and what came after a cursor. Of the list there is one
// copy for all who ask: its sessions are written once in slices, and each cursor adds what came since.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Cursor, cursorText, type CursorStyle, isSameCursor } from "./cursor.ts";
import { revocationOf, type RevocationFollower } from "./follower.ts";
import type { NumberedRevocation } from "./store.ts";

export interface FeedDocument {
  /** Up to where in the log it goes. */
  readonly cursor: Cursor;
  /** JSON, shared with other documents. */
  readonly pieces: readonly Buffer[];
  readonly byteLength: number;
}

export interface FeedDocuments {
  /** The end of the log, at which `list` would be. @throws StoreError: an old list must not pass for a new one */
  readonly end: () => Promise<Cursor>;
  /** All that is in force. @throws StoreError */
  readonly list: (style: CursorStyle) => Promise<FeedDocument>;
  /** What came after `cursor`; undefined where only the list can tell. @throws StoreError */
  readonly since: (cursor: Cursor) => Promise<FeedDocument | undefined>;
}

export interface FeedDocumentsOptions {
  readonly revocations: Pick<RevocationFollower, "list" | "cursor" | "recent" | "since" | "complete">;
  /** Milliseconds of any clock that never goes back. */
  readonly nowMs?: (() => number) | undefined;
}

/** The list as it was at a cursor. */
interface Base {
  readonly cursor: Cursor;
  readonly takenAtMs: number;
  readonly tokensBefore: number | null;
  /** JSON of sessions, with commas between but none around. */
  readonly slices: readonly Buffer[];
  readonly keys: readonly string[];
}

/** About a millisecond's work. */
const sessionsPerSlice = 1000;
/** So many entries are told one by one; beyond that, the list is written anew. */
const longestTail = 2000;
/** Then it is written without what has expired. */
const baseLifetimeMs = 60_000;
/** A document of less is one piece. */
const pieceBytes = 16 * 1024;

const listStyles: readonly CursorStyle[] = ["epoch", "number"];

export function createFeedDocuments(options: FeedDocumentsOptions): FeedDocuments {
  const { revocations, nowMs = () => performance.now() } = options;
  let base: Base | undefined;
  let writing: Promise<Base> | undefined;
  const newest = new Map<CursorStyle, FeedDocument>();

  async function writeBase(): Promise<Base> {
    // The list may be ahead of the cursor, which only means that an entry is told twice.
    const cursor = revocations.cursor();
    const takenAtMs = nowMs();
    const { tokens_before: tokensBefore, sessions, keys } = revocations.list.snapshot();
    const slices: Buffer[] = [];
    for (let start = 0; start < sessions.length; start += sessionsPerSlice) {
      await nextTurn();
      const comma = start === 0 ? "" : ",";
      slices.push(Buffer.from(comma + membersOf(sessions.slice(start, start + sessionsPerSlice))));
    }
    return { cursor, takenAtMs, tokensBefore, slices, keys };
  }

  /** All entries after `cursor`, if they are few and in memory. */
  function tailAfter({ epoch, number }: Cursor): readonly NumberedRevocation[] | undefined {
    const tail: NumberedRevocation[] = [];
    for (let last = number; tail.length <= longestTail; last = tail.at(-1)?.seq ?? last) {
      const entries = revocations.recent({ epoch, number: last });
      if (entries === undefined) return undefined;
      if (entries.length === 0) return tail;
      tail.push(...entries);
    }
    return undefined;
  }

  async function baseAndTail(): Promise<{ base: Base; tail: readonly NumberedRevocation[] }> {
    for (;;) {
      if (base !== undefined && nowMs() - base.takenAtMs <= baseLifetimeMs) {
        const tail = tailAfter(base.cursor);
        if (tail !== undefined) return { base, tail };
      }
      writing ??= writeBase().finally(() => {
        writing = undefined;
      });
      base = await writing;
    }
  }

  function documentOf(given: Base, tail: readonly NumberedRevocation[], style: CursorStyle): FeedDocument {
    const more = sortOut(tail);
    const cursor = { epoch: given.cursor.epoch, number: tail.at(-1)?.seq ?? given.cursor.number };
    const tokensBefore = latest(given.tokensBefore, more.tokensBefore);
    const comma = given.slices.length > 0 && more.sessions.length > 0 ? "," : "";
    const keys = JSON.stringify([...new Set([...given.keys, ...more.keys])]);
    return inPieces(cursor, [
      Buffer.from(`{"cursor":"${cursorText(cursor, style)}","tokens_before":${tokensBefore},"sessions":[`),
      ...given.slices,
      Buffer.from(`${comma}${membersOf(more.sessions)}],"keys":${keys}}`),
    ]);
  }

  return {
    async end() {
      await revocations.complete();
      return revocations.cursor();
    },

    async list(style) {
      await revocations.complete();
      const known = newest.get(style);
      const isYoung = base !== undefined && nowMs() - base.takenAtMs <= baseLifetimeMs;
      if (known !== undefined && isYoung && isSameCursor(known.cursor, revocations.cursor())) return known;
      const { base: given, tail } = await baseAndTail();
      const document = documentOf(given, tail, style);
      // What nobody asks for any more is not kept.
      for (const other of listStyles) {
        if (!isSameCursor(newest.get(other)?.cursor ?? document.cursor, document.cursor))
          newest.delete(other);
      }
      newest.set(style, document);
      return document;
    },

    async since(cursor) {
      await revocations.complete();
      // Another instance may have told more than this one has heard of.
      if (revocations.recent(cursor) === undefined) {
        const { epoch, number } = revocations.cursor();
        if (epoch === cursor.epoch && number < cursor.number) await revocations.since(cursor);
      }
      const tail = tailAfter(cursor);
      if (tail === undefined) return undefined;
      const end = { epoch: cursor.epoch, number: tail.at(-1)?.seq ?? cursor.number };
      const { tokensBefore, sessions, keys } = sortOut(tail);
      const content = {
        since: cursorText(cursor),
        cursor: cursorText(end),
        tokens_before: tokensBefore,
        sessions,
        keys,
      };
      return inPieces(end, [Buffer.from(JSON.stringify(content))]);
    },
  };
}

interface ListedSession {
  readonly sid: string;
  readonly tokens_before: number;
  readonly expires_at: number;
}

function sortOut(entries: readonly NumberedRevocation[]): {
  readonly tokensBefore: number | null;
  readonly sessions: readonly ListedSession[];
  readonly keys: readonly string[];
} {
  const sessions: ListedSession[] = [];
  const keys: string[] = [];
  let tokensBefore: number | null = null;
  for (const { entry } of entries) {
    const revocation = revocationOf(entry);
    if ("sid" in revocation) sessions.push(revocation);
    else if ("kid" in revocation) keys.push(revocation.kid);
    else tokensBefore = latest(tokensBefore, revocation.tokens_before);
  }
  return { tokensBefore, sessions, keys };
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function membersOf(list: readonly object[]): string {
  return JSON.stringify(list).slice(1, -1);
}

function inPieces(cursor: Cursor, pieces: readonly Buffer[]): FeedDocument {
  const byteLength = pieces.reduce((sum, { length }) => sum + length, 0);
  return { cursor, byteLength, pieces: byteLength > pieceBytes ? pieces : [Buffer.concat(pieces)] };
}
