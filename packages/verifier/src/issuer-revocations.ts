// Keeps a revocation list up to date with the issuer: the whole list once, then every entry as it happens.
import type { IssuerDiscovery } from "./issuer-discovery.ts";
import { startTimer } from "./background-timer.ts";
import { IssuerError } from "./issuer-documents.ts";
import type { Fetch, IssuerErrorCode } from "./issuer-documents.ts";
import type { Emit } from "./observer.ts";
import { fetchRevocations, followRevocations } from "./revocation-feed.ts";
import type { FeedAddress, StreamMessage } from "./revocation-feed.ts";
import type { RevocationList } from "./revocation-list.ts";
import { cursorText, parseCursor } from "./revocation-wire.ts";
import type { Cursor, RevocationDocument } from "./revocation-wire.ts";

/** After a failure the next attempt waits, doubling from the first to the last; up to half of it falls to chance. */
const retry = { firstMs: 250, lastMs: 10_000 } as const;

/** However long an issuer without a place asks us to wait. */
const longestWaitSeconds = { stream: 300, list: 60 } as const;

/** Heartbeats that promise entries which do not come are put up with for this long. */
const patienceSeconds = 15;

/** A clock that goes back further than this may have made the list forget too much; it keeps entries 60 s longer than told. */
const clockStepSeconds = 30;

/** What 32 MiB hold; more at one moment is an accident or an attack. */
const defaultMaxEntries = 300_000;

export interface IssuerRevocationsOptions {
  readonly discovery: IssuerDiscovery;
  readonly list: RevocationList;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** The value of `Authorization`, for a follower that has a name. */
  readonly authorization?: string | undefined;
  /** How many sessions and keys are kept; more are refused, and the list counts as stale. Default 300,000. */
  readonly maxEntries?: number | undefined;
  /** In seconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface FeedStatus {
  /** Whether the stream is open. Without it the list is asked for again and again. */
  readonly connected: boolean;
  /** Since the list was last known to be complete, in seconds; undefined if it never was. */
  readonly ageSeconds: number | undefined;
  /** How many entries the issuer has that we have not, as of its last heartbeat. */
  readonly behind: number;
  /** How many whole lists were taken. */
  readonly snapshots: number;
  /** How often the issuer was asked, in place of a stream, what had happened, and answered. */
  readonly polls: number;
  readonly events: number;
  readonly failures: number;
  /** Why the feed broke off; undefined while it is followed. */
  readonly lastFailure: IssuerErrorCode | undefined;
}

export interface IssuerRevocations {
  /** Begins to follow. Resolves after the first attempt to fetch the list, whatever came of it; never rejects. */
  readonly start: () => Promise<void>;
  /** Whether the list was known to be complete within this many seconds. */
  readonly isFresh: (maxStalenessSeconds: number) => boolean;
  readonly status: () => FeedStatus;
}

export function createIssuerRevocations(options: IssuerRevocationsOptions): IssuerRevocations {
  const { discovery, list, fetch, signal, emit, now, random, authorization } = options;
  const { maxEntries = defaultMaxEntries } = options;
  let completeAt: number | undefined;
  let clock = now();
  /** Where the list is in the issuer's log; undefined before the first list. */
  let place: Cursor | undefined;
  let needsList = true;
  /** Whether the last attempt to open the stream came to nothing. */
  let isRefused = false;
  let streamDueAtMs = Number.NEGATIVE_INFINITY;
  let connected = false;
  /** Whether a heartbeat has come on this connection: with the next one it has lasted. */
  let hasBeat = false;
  let behind = 0;
  let snapshots = 0;
  let polls = 0;
  let events = 0;
  let failures = 0;
  let failuresInARow = 0;
  let lastFailure: IssuerErrorCode | undefined;

  /**
   * Asks for the list if it is needed or there is no stream, then follows what happens after it until that fails;
   * resolves with the pause in milliseconds.
   */
  async function step(): Promise<number> {
    let isStreaming = false;
    try {
      const { revocationFeed: url } = await discovery.find();
      const address = { url, fetch, signal, authorization };
      if (needsList || isRefused) {
        const isFirst = place === undefined;
        await askForList(address);
        // The first requests wait for the list alone.
        if (isFirst) return 0;
      }
      const waitMs = streamDueAtMs - performance.now();
      if (waitMs > 0) return Math.min(waitMs, pauseMs(retry.lastMs));
      isStreaming = true;
      for await (const message of followRevocations(address, list.cursor)) apply(message);
      throw new IssuerError("feed_interrupted", "the issuer ended the feed");
    } catch (error) {
      return signal.aborted ? 0 : recordFailure(error, isStreaming);
    } finally {
      connected = false;
      hasBeat = false;
    }
  }

  function schedule(delayMs: number): void {
    if (!signal.aborted) startTimer(() => void step().then(schedule), delayMs);
  }

  async function askForList(address: FeedAddress): Promise<void> {
    const askedAt = now();
    const after = needsList || place === undefined ? undefined : list.cursor;
    const { document, ageSeconds } = await fetchRevocations(address, after);
    const isWhole = document !== undefined && document.since === undefined;
    if (document !== undefined) {
      if (document.since !== undefined && document.since !== after) {
        needsList = true;
        throw new IssuerError("invalid_document", "the issuer told what came after another cursor");
      }
      const isOlder = take(document, isWhole);
      if (isOlder) return;
    }
    if (after !== undefined) polls += 1;
    clock = now();
    // What a cache has kept says nothing of the time since; and a clock that went back makes nothing fresher.
    completeAt = Math.min(askedAt, Math.max(completeAt ?? askedAt - ageSeconds, askedAt - ageSeconds));
    behind = 0;
  }

  /**
   * Adds what the issuer has told; resolves with whether that is older than what is known.
   *
   * @throws IssuerError `outdated_list`, `too_many_revocations`
   */
  function take(document: RevocationDocument, isWhole: boolean): boolean {
    const next = parseCursor(document.cursor);
    const isOlder = place !== undefined && next.epoch === place.epoch && next.number < place.number;
    // Where logs have no epoch, one that became shorter may also be that of a restored backup.
    if (isOlder && next.epoch !== "") {
      throw new IssuerError("outdated_list", "the issuer's list is older than what is known already");
    }
    requireRoom(document);
    if (isWhole) list.update(document);
    else addAll(document);
    place = next;
    needsList = false;
    if (isWhole) snapshots += 1;
    emit({ type: "revocations_fetched", cursor: list.cursor, size: list.size });
    return isOlder;
  }

  function addAll({ cursor, tokens_before: tokensBefore, sessions, keys }: RevocationDocument): void {
    if (tokensBefore !== null) list.apply({ tokens_before: tokensBefore });
    for (const session of sessions) list.apply(session);
    for (const kid of keys) list.apply({ kid });
    list.moveTo(cursor);
  }

  function requireRoom(more: Pick<RevocationDocument, "sessions" | "keys">): void {
    // Counted only where it matters: it takes as long as to add them.
    if (list.size + more.sessions.length + more.keys.length <= maxEntries) return;
    if (list.sizeWith(more) <= maxEntries) return;
    needsList = true;
    throw new IssuerError("too_many_revocations", `the issuer has more than ${maxEntries} revocations`);
  }

  function apply(message: StreamMessage): void {
    connected = true;
    isRefused = false;
    lastFailure = undefined;
    if (message.type === "reset") throw gap("the issuer cannot continue where we are");
    requireSteadyClock();
    const { cursor } = message;
    if (cursor.epoch !== place?.epoch) throw gap("the issuer has begun another log");
    if (list.isLapsing) throw gap("the list must be confirmed");
    const ahead = cursor.number - place.number;
    if (message.type === "heartbeat") return compareWithHeartbeat(ahead);
    if (ahead <= 0) return;
    if (ahead > 1) throw gap("an entry is missing");
    const { revocation } = message;
    requireRoom({
      sessions: "sid" in revocation ? [revocation] : [],
      keys: "kid" in revocation ? [revocation.kid] : [],
    });
    place = cursor;
    list.apply(revocation, cursorText(cursor));
    events += 1;
    behind = Math.max(0, behind - 1);
    emit({ type: "revocation_applied", cursor: list.cursor });
  }

  function compareWithHeartbeat(ahead: number): void {
    // A restored backup, or an instance that is behind. What we know may be of a history that is no more.
    if (ahead < 0) throw gap("the issuer is behind us");
    behind = ahead;
    if (ahead === 0) {
      completeAt = now();
      // Not with the first: a feed that opens and breaks off would be tried four times a second for ever.
      if (hasBeat) failuresInARow = 0;
      hasBeat = true;
    } else if (!isFresh(patienceSeconds)) throw gap("promised entries do not come");
  }

  /** Entries are forgotten by the clock: one that jumped ahead and back may have cost some that still count. */
  function requireSteadyClock(): void {
    const before = clock;
    clock = now();
    if (clock < before - clockStepSeconds) throw gap("the clock went back");
  }

  function gap(detail: string): IssuerError {
    needsList = true;
    return new IssuerError("feed_gap", detail);
  }

  function recordFailure(error: unknown, isStreaming: boolean): number {
    discovery.forget();
    failures += 1;
    failuresInARow += 1;
    // A stream that was open is resumed at once; one that does not open leaves us to the list.
    if (isStreaming && !connected) isRefused = true;
    lastFailure = error instanceof IssuerError ? error.code : "invalid_document";
    // An entry that cannot be read would stop us at the same place for ever; the list leads past it.
    if (lastFailure === "invalid_document" || lastFailure === "not_json") needsList = true;
    const askedSeconds = error instanceof IssuerError ? (error.retryAfterSeconds ?? 0) : 0;
    let retryInMs = pauseMs(Math.min(retry.firstMs * 2 ** (failuresInARow - 1), retry.lastMs));
    if (isStreaming) {
      streamDueAtMs = performance.now() + Math.min(askedSeconds, longestWaitSeconds.stream) * 1000;
    } else retryInMs = Math.max(retryInMs, Math.min(askedSeconds, longestWaitSeconds.list) * 1000);
    emit({ type: "revocations_interrupted", reason: lastFailure, retryInMs });
    return retryInMs;
  }

  function pauseMs(longestMs: number): number {
    return Math.round(longestMs * (1 - random() / 2));
  }

  /**
   * A clock that went back proves nothing, so what seems to lie in the future does not count as fresh; but for one
   * second, which clocks that are corrected all the time may go back.
   */
  function isFresh(maxStalenessSeconds: number): boolean {
    if (completeAt === undefined) return false;
    const age = now() - completeAt;
    return age <= maxStalenessSeconds && age >= -1;
  }

  return {
    start: async () => schedule(await step()),
    isFresh,
    status: () => ({
      connected,
      ageSeconds: completeAt === undefined ? undefined : Math.max(0, Math.floor(now() - completeAt)),
      behind,
      snapshots,
      polls,
      events,
      failures,
      lastFailure,
    }),
  };
}
