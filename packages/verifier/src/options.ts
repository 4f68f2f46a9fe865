// What a verifier is told, checked once when it is built.
import type { AlgorithmName, KeySet } from "@countersign/token";
import { assertKnownOptions } from "@countersign/token";
import type { VerifierEvent } from "./observer.ts";
import type { Fetch } from "./issuer-documents.ts";
import type { RevocationList } from "./revocation-list.ts";

export interface AccessVerifierOptions {
  /**
   * The exact `iss` of the tokens to accept. It is also the URL where keys and revocations are, unless `jwksUri` and
   * `revocationsUri` (or what replaces them) say where else: then any name will do.
   */
  readonly issuer: string;
  /** What the `aud` of the tokens must be or contain: the name of this service. */
  readonly audience: string;
  /** The keys, where this process has them; a function is asked with every token. Default: fetched from the issuer. */
  readonly keys?: KeySet | (() => KeySet);
  /**
   * Beside `keys`, where they change in another process: looks for new ones, for a token under a key that is not among
   * them. undefined if that was done a moment ago. Must not reject.
   */
  readonly refreshKeys?: (() => Promise<void> | undefined) | undefined;
  /** The HS256 secret shared with the issuer, 32 bytes at least. Whoever has it can also forge tokens. */
  readonly secret?: Uint8Array;
  /** Where the issuer publishes its keys, if it has no metadata (RFC 8414) to say so, or is reached by another way. */
  readonly jwksUri?: string;
  /** How to read an issuer's JWK Set that says less than ours does. */
  readonly jwkSet?: JwkSetReading | undefined;
  /** Where the issuer's revocation feed is, if its metadata do not say so, or it is reached by another way. */
  readonly revocationsUri?: string | undefined;
  /** The name and the secret under which the issuer keeps a place in its feed for this service. */
  readonly feedCredentials?: FeedCredentials | undefined;
  /** The revocations, where this process has them; null for deliberately none. Default: the issuer's feed. */
  readonly revocations?: RevocationList | null | undefined;
  /** How old the followed revocations may become before they count as stale. Default 30. */
  readonly maxStalenessSeconds?: number | undefined;
  /**
   * What to do with good tokens while the revocations are stale. `accept-until-expiry` (default) goes on: a token
   * that was revoked meanwhile works until it expires. `reject` answers 503.
   */
  readonly whenStale?: "accept-until-expiry" | "reject" | undefined;
  /** How far the issuer's clock may be from ours, 0 to 30. Default 5. */
  readonly clockToleranceSeconds?: number | undefined;
  /**
   * Longer tokens are refused unread. In characters; default 8,192. Microsoft Entra ID writes up to 200 groups into a
   * token, which takes about 12,000; Node itself refuses headers of more than 16 KiB (`--max-http-header-size`).
   */
  readonly maxTokenLength?: number | undefined;
  /** How many verified tokens are remembered, so that seeing one again costs a look-up. Default 10,000; 0 for none. */
  readonly rememberTokens?: number | undefined;
  /** Called with what happens, for metrics and logs. What it throws is ignored. */
  readonly onEvent?: ((event: VerifierEvent) => unknown) | undefined;
  /** Sends the requests to the issuer. Default: the platform's. */
  readonly fetch?: Fetch | undefined;
  /** The time in seconds since the epoch, not rounded. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
  /** From 0 up to 1; spreads the requests of many verifiers. */
  readonly random?: (() => number) | undefined;
}

/** A follower that has a place of its own in the issuer's feed. */
export interface FeedCredentials {
  /** Visible ASCII without a colon. */
  readonly id: string;
  /** Visible ASCII. */
  readonly secret: string;
}

/** What an issuer's JWK Set leaves open. */
export interface JwkSetReading {
  /** The algorithm of keys that name none (`alg`), as those of Microsoft Entra ID: `RS256`. */
  readonly algorithm?: AlgorithmName | undefined;
  /** Whether a token that names no key is tried with each key that has no `kid`. */
  readonly tryKeysWithoutKid?: boolean | undefined;
}

type Defaulted =
  | "maxStalenessSeconds"
  | "whenStale"
  | "clockToleranceSeconds"
  | "rememberTokens"
  | "fetch"
  | "now"
  | "random";

/** The options with their defaults. */
export type Settings = Omit<AccessVerifierOptions, Defaulted> & {
  readonly [name in Defaulted]-?: NonNullable<AccessVerifierOptions[name]>;
};

const known: readonly (keyof AccessVerifierOptions)[] = [
  "issuer",
  "audience",
  "keys",
  "refreshKeys",
  "secret",
  "jwksUri",
  "jwkSet",
  "revocations",
  "revocationsUri",
  "feedCredentials",
  "maxStalenessSeconds",
  "whenStale",
  "clockToleranceSeconds",
  "maxTokenLength",
  "rememberTokens",
  "onEvent",
  "fetch",
  "now",
  "random",
];

/** @throws TypeError that says which option is wrong */
export function requireOptions(options: AccessVerifierOptions): Settings {
  assertKnownOptions(options, known);
  const settings: Settings = {
    ...options,
    maxStalenessSeconds: options.maxStalenessSeconds ?? 30,
    whenStale: options.whenStale ?? "accept-until-expiry",
    clockToleranceSeconds: options.clockToleranceSeconds ?? 5,
    rememberTokens: options.rememberTokens ?? 10_000,
    fetch: options.fetch ?? fetch,
    now: options.now ?? systemNow,
    random: options.random ?? Math.random,
  };
  requireText("issuer", settings.issuer);
  requireText("audience", settings.audience);
  requireRange("clockToleranceSeconds", settings.clockToleranceSeconds, 0, 30);
  requireRange("maxStalenessSeconds", settings.maxStalenessSeconds, 1, 86_400);
  if (settings.whenStale !== "accept-until-expiry" && settings.whenStale !== "reject") {
    throw new TypeError('whenStale must be "accept-until-expiry" or "reject"');
  }
  requireOneKeySource(options);
  if (options.refreshKeys !== undefined && typeof options.keys !== "function") {
    throw new TypeError("refreshKeys goes with keys that are a function");
  }
  requireFeedOptions(options);
  if (options.jwkSet !== undefined) {
    if (options.keys !== undefined || options.secret !== undefined) {
      throw new TypeError("jwkSet is about the issuer's keys, which are not fetched");
    }
    assertKnownOptions(options.jwkSet, ["algorithm", "tryKeysWithoutKid"], "jwkSet.");
  }
  return settings;
}

/** What is said about a feed that nobody follows is a mistake, and so are credentials that no header can carry. */
function requireFeedOptions(options: AccessVerifierOptions): void {
  const { feedCredentials } = options;
  if (options.revocations !== undefined) {
    const names = ["whenStale", "maxStalenessSeconds", "revocationsUri", "feedCredentials"] as const;
    const said = names.find((name) => options[name] !== undefined);
    if (said !== undefined) throw new TypeError(`${said} is about the issuer's feed, which is not followed`);
  }
  if (feedCredentials === undefined) return;
  assertKnownOptions(feedCredentials, ["id", "secret"], "feedCredentials.");
  const { id, secret } = feedCredentials;
  if (typeof id !== "string" || !/^[\x21-\x39\x3b-\x7e]+$/.test(id)) {
    throw new TypeError("feedCredentials.id must be visible ASCII characters without a colon (RFC 7617 §2)");
  }
  if (typeof secret !== "string" || !/^[\x21-\x7e]+$/.test(secret)) {
    throw new TypeError("feedCredentials.secret must be visible ASCII characters");
  }
}

/** A key source that was meant but is missing must not become "ask the issuer", so undefined by mistake is refused. */
function requireOneKeySource(options: AccessVerifierOptions): void {
  const said = (["keys", "secret", "jwksUri"] as const).filter((name) => Object.hasOwn(options, name));
  if (said.length > 1) throw new TypeError(`say only one of ${said.join(" and ")}`);
  const [name] = said;
  if (name !== undefined && options[name] === undefined) throw new TypeError(`${name} is undefined`);
}

function requireText(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${name} must be a string that is not empty`);
}

function requireRange(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw new TypeError(`${name} must be ${least} to ${most}`);
}

function systemNow(): number {
  return Date.now() / 1000;
}
