// The issuer's public keys: fetched once for everybody, kept while the issuer is down, replaced as a whole.
import { exportJwkSet, importJwkSet } from "@countersign/token";
import type { KeySet } from "@countersign/token";
import { startTimer } from "./background-timer.ts";
import { documentLimits } from "./issuer-discovery.ts";
import type { IssuerDiscovery } from "./issuer-discovery.ts";
import { fetchDocument, IssuerError } from "./issuer-documents.ts";
import type { Fetch, IssuerErrorCode } from "./issuer-documents.ts";
import type { Emit } from "./observer.ts";
import type { JwkSetReading } from "./options.ts";

/** How long an answer counts as fresh: what the issuer says, within these bounds. */
const freshness = { leastSeconds: 60, defaultSeconds: 300, mostSeconds: 86_400 } as const;

/** Keys that could not be renewed are trusted this long after their time; no access token lives longer. */
const keepStaleSeconds = 86_400;

/** Tokens with unknown keys cause at most one fetch in this time, unless the fetch brought new keys. */
const unknownKeyCoolDownSeconds = 30;

/** After a failure the next attempt waits, doubling from the first to the last. */
const retry = { firstSeconds: 0.5, lastSeconds: 30 } as const;

/** A cache in front of the issuer must not hold back a key that a token already names. */
const keyHeaders = { accept: "application/json, application/jwk-set+json", "cache-control": "no-cache" };

export interface IssuerKeysOptions {
  readonly discovery: IssuerDiscovery;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly jwkSet?: JwkSetReading | undefined;
  /** In seconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface KeysStatus {
  readonly source: "in-process" | "issuer";
  /** `stale`: the issuer could not be asked again in time, the last good keys are still used. */
  readonly state: "missing" | "fresh" | "stale";
  readonly count: number;
  /** Since the issuer last answered; undefined if it never did, or is not asked. */
  readonly ageSeconds: number | undefined;
  readonly fetches: number;
  readonly failures: number;
  /** Why the last fetch failed; undefined if it did not. */
  readonly lastFailure: IssuerErrorCode | undefined;
}

/** Where a verifier has its keys from. */
export interface KeySource {
  /** The keys to verify with; undefined until there are any. Starts a fetch in the background when one is due. */
  readonly current: () => KeySet | undefined;
  /** Waits for a fetch that is due or under way; never rejects. */
  readonly fetched: () => Promise<void>;
  /** For a token whose key is unknown: a fetch to wait for, or undefined if asking again would be too soon. */
  readonly fetchedForUnknownKey: () => Promise<void> | undefined;
  readonly status: () => KeysStatus;
}

export function createIssuerKeys(options: IssuerKeysOptions): KeySource {
  const { discovery, fetch, signal, emit, now, random } = options;
  let keys: KeySet | undefined;
  let etag: string | undefined;
  let fetchedAt: number | undefined;
  let lifetimeSeconds = 0;
  let dueAt = Number.NEGATIVE_INFINITY;
  let coolUntil = Number.NEGATIVE_INFINITY;
  let inFlight: Promise<void> | undefined;
  let fetches = 0;
  let failures = 0;
  let failuresInARow = 0;
  let lastFailure: IssuerErrorCode | undefined;
  let cancelTimer = (): void => undefined;
  signal.addEventListener("abort", () => cancelTimer());

  async function attempt(): Promise<void> {
    const startedAt = performance.now();
    fetches += 1;
    try {
      const { jwksUri } = await discovery.find();
      const document = await fetchDocument({
        url: jwksUri,
        fetch,
        signal,
        etag,
        headers: keyHeaders,
        ...documentLimits,
      });
      if (document.content !== undefined) adopt(document.content, document.etag);
      fetchedAt = now();
      failuresInARow = 0;
      lastFailure = undefined;
      const { leastSeconds, defaultSeconds, mostSeconds } = freshness;
      const asked = document.maxAgeSeconds ?? defaultSeconds;
      lifetimeSeconds = Math.min(Math.max(asked, leastSeconds), mostSeconds);
      // A tenth early at most, so that many verifiers started together do not stay together.
      schedule(lifetimeSeconds * (1 - random() / 10));
      emit({
        type: "keys_fetched",
        count: keys?.keys.length ?? 0,
        durationMs: performance.now() - startedAt,
      });
    } catch (error) {
      if (signal.aborted) return;
      discovery.forget();
      failures += 1;
      failuresInARow += 1;
      lastFailure = error instanceof IssuerError ? error.code : "invalid_document";
      const seconds = Math.min(retry.firstSeconds * 2 ** (failuresInARow - 1), retry.lastSeconds);
      schedule(seconds * (1 - random() / 2));
      forgetAfterTooLong();
      emit({ type: "keys_failed", reason: lastFailure });
    }
  }

  /** Replaces all: a key that is no longer published is no longer trusted. */
  function adopt(content: unknown, newEtag: string | undefined): void {
    let next: KeySet;
    try {
      next = importJwkSet(content, options.jwkSet);
    } catch (error) {
      throw new IssuerError("invalid_document", "the issuer's key set is not acceptable", { cause: error });
    }
    etag = newEtag;
    // The engine forgets its remembered tokens with a key set, so one that says the same is not taken.
    const text = JSON.stringify(exportJwkSet(next));
    if (keys !== undefined && text === JSON.stringify(exportJwkSet(keys))) return;
    const known = new Set(keys?.keys.map((key) => key.kid));
    if (next.keys.some((key) => !known.has(key.kid))) coolUntil = Number.NEGATIVE_INFINITY;
    keys = next;
  }

  function schedule(seconds: number): void {
    dueAt = now() + seconds;
    cancelTimer();
    cancelTimer = startTimer(() => void start(), seconds * 1000);
  }

  function start(): Promise<void> {
    inFlight ??= attempt().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  function forgetAfterTooLong(): void {
    if (fetchedAt === undefined || now() <= fetchedAt + lifetimeSeconds + keepStaleSeconds) return;
    keys = undefined;
    etag = undefined;
  }

  function fetchedForUnknownKey(): Promise<void> | undefined {
    if (inFlight !== undefined) return fetchedAfter(inFlight);
    // A clock that went back must not make it longer.
    const coolDownSeconds = coolUntil - now();
    const isCooling = coolDownSeconds > 0 && coolDownSeconds <= unknownKeyCoolDownSeconds;
    if (isCooling || signal.aborted) return undefined;
    coolUntil = now() + unknownKeyCoolDownSeconds;
    return start();
  }

  /** One that is under way may have been answered before the issuer had the key. */
  async function fetchedAfter(underWay: Promise<void>): Promise<void> {
    const before = keys;
    await underWay;
    if (keys === before && lastFailure === undefined) await fetchedForUnknownKey();
  }

  return {
    current() {
      if (now() >= dueAt && !signal.aborted) {
        void start();
        forgetAfterTooLong();
      }
      return keys;
    },
    async fetched() {
      if (inFlight !== undefined || now() >= dueAt) await start();
    },
    fetchedForUnknownKey,
    status: () => ({
      source: "issuer",
      state: keys === undefined ? "missing" : lastFailure === undefined ? "fresh" : "stale",
      count: keys?.keys.length ?? 0,
      ageSeconds: fetchedAt === undefined ? undefined : Math.max(0, Math.floor(now() - fetchedAt)),
      fetches,
      failures,
      lastFailure,
    }),
  };
}
