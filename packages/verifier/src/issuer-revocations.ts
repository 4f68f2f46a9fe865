// Keeps a revocation list up to date with the issuer: the whole list once, then every entry as it happens.
import type { IssuerDiscovery } from "./issuer-discovery.ts";
import { IssuerError } from "./issuer-documents.ts";
import type { Fetch, IssuerErrorCode } from "./issuer-documents.ts";
import type { Emit } from "./observer.ts";
import { fetchRevocations, followRevocations } from "./revocation-feed.ts";
import type { FeedMessage } from "./revocation-feed.ts";
import type { RevocationList } from "./revocation-list.ts";

/** After a failure the next attempt waits, doubling from the first to the last; up to half of it falls to chance. */
const retry = { firstMs: 250, lastMs: 10_000 } as const;

/** Heartbeats that promise entries which do not come are put up with for this long. */
const patienceSeconds = 15;

/** A clock that goes back further than this may have made the list forget too much; it keeps entries 60 s longer than told. */
const clockStepSeconds = 30;

export interface IssuerRevocationsOptions {
  readonly discovery: IssuerDiscovery;
  readonly list: RevocationList;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** In seconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface FeedStatus {
  readonly connected: boolean;
  /** Since the list was last known to be complete, in seconds; undefined if it never was. */
  readonly ageSeconds: number | undefined;
  /** How many entries the issuer has that we have not, as of its last heartbeat. */
  readonly behind: number;
  readonly snapshots: number;
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
  const { discovery, list, fetch, signal, emit, now, random } = options;
  let completeAt: number | undefined;
  let clock = now();
  let needsList = true;
  let connected = false;
  /** Whether a heartbeat has come on this connection: with the next one it has lasted. */
  let hasBeat = false;
  let behind = 0;
  let snapshots = 0;
  let events = 0;
  let failures = 0;
  let failuresInARow = 0;
  let lastFailure: IssuerErrorCode | undefined;

  /** Fetches the list, or follows what happens after it until that fails; resolves with the pause in milliseconds. */
  async function step(): Promise<number> {
    try {
      const { revocationFeed: url } = await discovery.find();
      if (needsList) {
        await replaceList(url);
        return 0;
      }
      for await (const message of followRevocations({ url, fetch, signal }, list.cursor)) apply(message);
      throw new IssuerError("feed_interrupted", "the issuer ended the feed");
    } catch (error) {
      return signal.aborted ? 0 : recordFailure(error);
    } finally {
      connected = false;
      hasBeat = false;
    }
  }

  function schedule(pauseMs: number): void {
    if (signal.aborted) return;
    setTimeout(() => void step().then(schedule), pauseMs).unref();
  }

  async function replaceList(url: string): Promise<void> {
    list.replace(await fetchRevocations({ url, fetch, signal }));
    needsList = false;
    clock = now();
    completeAt = clock;
    behind = 0;
    snapshots += 1;
    emit({ type: "revocations_fetched", cursor: list.cursor, size: list.size });
  }

  function apply(message: FeedMessage): void {
    connected = true;
    lastFailure = undefined;
    if (message.type === "reset") throw gap("the issuer cannot continue where we are");
    requireSteadyClock();
    const ahead = message.sequence - Number(list.cursor);
    if (message.type === "heartbeat") return compareWithHeartbeat(ahead);
    if (ahead <= 0) return;
    if (ahead > 1) throw gap("an entry is missing");
    list.apply(message.revocation, String(message.sequence));
    events += 1;
    behind = Math.max(0, behind - 1);
    emit({ type: "revocation_applied", cursor: list.cursor });
  }

  function compareWithHeartbeat(ahead: number): void {
    // The issuer's log became shorter: a restored backup. What we know may be of a history that is no more.
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

  function recordFailure(error: unknown): number {
    discovery.forget();
    failures += 1;
    failuresInARow += 1;
    lastFailure = error instanceof IssuerError ? error.code : "invalid_document";
    // An entry that cannot be read would stop us at the same place for ever; the list leads past it.
    if (lastFailure === "invalid_document" || lastFailure === "not_json") needsList = true;
    const longestMs = Math.min(retry.firstMs * 2 ** (failuresInARow - 1), retry.lastMs);
    const retryInMs = Math.round(longestMs * (1 - random() / 2));
    emit({ type: "revocations_interrupted", reason: lastFailure, retryInMs });
    return retryInMs;
  }

  /**
   * A clock that went back proves nothing, so what seems to lie in the future does not count as fresh; but for the one
   * second that any correction, however small, can make of two readings in whole seconds.
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
      ageSeconds: completeAt === undefined ? undefined : Math.max(0, now() - completeAt),
      behind,
      snapshots,
      events,
      failures,
      lastFailure,
    }),
  };
}
