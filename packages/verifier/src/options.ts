// What a verifier is told, checked once when it is built.
import type { KeySet } from "@countersign/token";
import type { VerifierEvent } from "./observer.ts";
import type { Fetch } from "./issuer-documents.ts";
import type { RevocationList } from "./revocation-list.ts";

export interface AccessVerifierOptions {
  /** The exact `iss` of the tokens to accept. Its URL, if keys or revocations come from there. */
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
  /** Where the issuer publishes its keys, if it has no metadata (RFC 8414) to say so. */
  readonly jwksUri?: string;
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

const known: ReadonlySet<string> = new Set<keyof AccessVerifierOptions>([
  "issuer",
  "audience",
  "keys",
  "refreshKeys",
  "secret",
  "jwksUri",
  "revocations",
  "maxStalenessSeconds",
  "whenStale",
  "clockToleranceSeconds",
  "rememberTokens",
  "onEvent",
  "fetch",
  "now",
  "random",
]);

/** @throws TypeError that says which option is wrong */
export function requireOptions(options: AccessVerifierOptions): Settings {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new TypeError(`there is no option "${name}"`);
  }
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
  if (options.revocations !== undefined && (options.whenStale ?? options.maxStalenessSeconds) !== undefined) {
    throw new TypeError(
      "whenStale and maxStalenessSeconds are about the issuer's feed, which is not followed",
    );
  }
  return settings;
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
