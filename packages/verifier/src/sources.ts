// Where a verifier has its keys and revocations from: this process, or the issuer.
import { keySet, secretKey } from "@countersign/token";
import type { KeySet } from "@countersign/token";
import { createIssuerDiscovery } from "./issuer-discovery.ts";
import { createIssuerKeys } from "./issuer-keys.ts";
import type { KeySource } from "./issuer-keys.ts";
import { createIssuerRevocations } from "./issuer-revocations.ts";
import type { FeedStatus, IssuerRevocations } from "./issuer-revocations.ts";
import type { Emit } from "./observer.ts";
import type { Settings } from "./options.ts";
import { RevocationList } from "./revocation-list.ts";
import type { RevocableClaims, RevocationObserver } from "./revocation-list.ts";

export interface RevocationsStatus extends FeedStatus {
  readonly source: "none" | "in-process" | "issuer";
  /**
   * `stale`: not known to be complete within `maxStalenessSeconds`; `missing`: never fetched yet.
   * Without a feed to follow it is always `fresh`.
   */
  readonly state: "missing" | "fresh" | "stale";
  /** The last entry of the log that is known here. */
  readonly cursor: string;
  /** How many sessions and keys are listed. */
  readonly size: number;
}

/** Where a verifier has its revocations from. */
export interface RevocationSource {
  readonly isRevoked: (claims: RevocableClaims, kid: string | undefined) => boolean;
  /** Whether the policy is to refuse everything because the list is stale. */
  readonly mustReject: () => boolean;
  readonly status: () => RevocationsStatus;
  /** Calls back after every change; returns what ends it. */
  readonly observe: (observer: RevocationObserver) => () => void;
}

export interface Sources {
  readonly keys: KeySource;
  readonly revocations: RevocationSource;
  /**
   * Asks the issuer for all that comes from there and goes on asking; resolves after the first attempts and never
   * rejects. undefined if nothing comes from there.
   */
  readonly start: (() => Promise<void>) | undefined;
}

/** @throws TypeError if an address is not a URL to be asked, or the secret is too short */
export function createSources(settings: Settings, emit: Emit, signal: AbortSignal): Sources {
  const { issuer, jwksUri, revocationsUri, fetch, now, random, revocations } = settings;
  const keysAtHand = settings.secret === undefined ? settings.keys : keysOfSecret(settings.secret);
  if (keysAtHand !== undefined && revocations !== undefined) {
    const local = {
      keys: inProcessKeys(keysAtHand, settings.refreshKeys),
      revocations: inProcessRevocations(revocations),
    };
    return { ...local, start: undefined };
  }
  const needs = { keys: keysAtHand === undefined, revocations: revocations === undefined };
  const discovery = createIssuerDiscovery({ issuer, jwksUri, revocationsUri, needs, fetch, signal });
  const connection = { discovery, fetch, signal, emit, now, random };
  const keys =
    keysAtHand === undefined
      ? createIssuerKeys({ ...connection, jwkSet: settings.jwkSet })
      : inProcessKeys(keysAtHand, settings.refreshKeys);
  if (revocations !== undefined) {
    return { keys, revocations: inProcessRevocations(revocations), start: keys.fetched };
  }
  const list = new RevocationList({ now, clockToleranceSeconds: settings.clockToleranceSeconds });
  const authorization = basicOf(settings.feedCredentials);
  const feed = createIssuerRevocations({ ...connection, list, authorization });
  const start = async (): Promise<void> => {
    await Promise.all([keys.fetched(), feed.start()]);
  };
  return { keys, revocations: followedRevocations(settings, list, feed), start };
}

/** RFC 7617 §2, in UTF-8. */
function basicOf(credentials: Settings["feedCredentials"]): string | undefined {
  if (credentials === undefined) return undefined;
  const bytes = new TextEncoder().encode(`${credentials.id}:${credentials.secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function keysOfSecret(secret: Uint8Array): KeySet {
  return keySet([secretKey("HS256", secret)]);
}

function inProcessKeys(
  keys: KeySet | (() => KeySet),
  refreshKeys: () => Promise<void> | undefined = () => undefined,
): KeySource {
  const current = typeof keys === "function" ? keys : (): KeySet => keys;
  return {
    current,
    fetched: () => Promise.resolve(),
    fetchedForUnknownKey: refreshKeys,
    status: () => ({
      source: "in-process",
      state: "fresh",
      count: current().keys.length,
      ageSeconds: undefined,
      fetches: 0,
      failures: 0,
      lastFailure: undefined,
    }),
  };
}

const notFollowed: FeedStatus = {
  connected: false,
  ageSeconds: undefined,
  behind: 0,
  snapshots: 0,
  polls: 0,
  events: 0,
  failures: 0,
  lastFailure: undefined,
};

function inProcessRevocations(list: RevocationList | null): RevocationSource {
  return {
    isRevoked: list === null ? () => false : (claims, kid) => list.isRevoked(claims, kid),
    mustReject: () => false,
    observe: (observer) => list?.observe(observer) ?? (() => undefined),
    status: () => ({
      ...notFollowed,
      source: list === null ? "none" : "in-process",
      state: "fresh",
      cursor: list?.cursor ?? "0",
      size: list?.size ?? 0,
    }),
  };
}

function followedRevocations(
  { whenStale, maxStalenessSeconds }: Settings,
  list: RevocationList,
  feed: IssuerRevocations,
): RevocationSource {
  return {
    isRevoked: (claims, kid) => list.isRevoked(claims, kid),
    observe: (observer) => list.observe(observer),
    mustReject: whenStale === "reject" ? () => !feed.isFresh(maxStalenessSeconds) : () => false,
    status() {
      const status = feed.status();
      const fresh = feed.isFresh(maxStalenessSeconds);
      const state = status.ageSeconds === undefined ? "missing" : fresh ? "fresh" : "stale";
      return { ...status, source: "issuer", state, cursor: list.cursor, size: list.size };
    },
  };
}
