/** Verifying tokens: options compiled once into a synchronous function. */
import { type ClaimExpectation, judgeClaims, judgeTime, type RegisteredClaims } from "./claims.ts";
import { createOpener, mediaType, parseSegment } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { assertKeySet, type KeySet } from "./key-set.ts";

declare const brand: unique symbol;

/** The claims of a token that has been verified. Only a verifier can make this type. */
export type Verified<C extends object = object> = Readonly<RegisteredClaims & C> & {
  readonly [brand]: "Verified";
};

/** What a verifier is told. `null` stands where something is deliberately not checked. */
export interface VerifierOptions<C extends object = object> {
  /** The keys that are trusted, or a function that gives those of the moment: it is asked for every token. */
  readonly keys: KeySet | (() => KeySet);
  /** The media type in `typ`, for example `at+jwt`; `application/` and case do not matter. */
  readonly type: string | null;
  /** `iss`, compared exactly. */
  readonly issuer: string | null;
  /** One of these must be in `aud`. */
  readonly audience: string | readonly string[] | null;
  /** Claims that must be there besides those expected above. */
  readonly requiredClaims?: readonly string[] | undefined;
  /** Whether a token must have `exp`. Default `required`. */
  readonly expiry?: "required" | "optional" | undefined;
  /** How far clocks may be apart, for `exp`, `nbf` and `iat`: 0 to 600. Default 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Longer tokens are refused unread. In characters; default 8,192. */
  readonly maxTokenLength?: number | undefined;
  /** How many verified tokens to remember. Default 0. Their claims are frozen, deep. */
  readonly rememberTokens?: number | undefined;
  /** Asked last for every token, remembered or not, with the claims and the `kid` of the key. */
  readonly isRevoked?: ((claims: Verified<C>, kid: string | undefined) => boolean) | undefined;
  /** The time in seconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

/**
 * The claims of a token, or a refusal.
 *
 * @throws TokenError with the code that says why. Nothing else.
 */
export type Verifier<C extends object = object> = (token: string) => Verified<C>;

/**
 * A function that verifies tokens.
 *
 * @throws TypeError if an option is missing or makes no sense.
 */
export function createVerifier<C extends object = object>(options: VerifierOptions<C>): Verifier<C> {
  const { keys, isRevoked } = options;
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const headerExpectation = {
    type: expectedText("type", options.type, mediaType),
    maxTokenLength: boundedInteger("maxTokenLength", options.maxTokenLength ?? 8192, 16, 2 ** 24),
  };
  const claimExpectation: ClaimExpectation = {
    issuer: expectedText("issuer", options.issuer, (text) => text),
    audience: expectedAudience(options.audience),
    requiredClaims: requiredClaims(options),
    clockToleranceSeconds: boundedNumber("clockToleranceSeconds", options.clockToleranceSeconds ?? 0, 0, 600),
  };
  boundedInteger("rememberTokens", options.rememberTokens ?? 0, 0, 2 ** 24);
  const currentKeys = typeof keys === "function" ? keys : () => keys;
  if (typeof keys !== "function") assertKeySet(keys);
  let opened: KeySet | undefined;
  let open: ReturnType<typeof createOpener>;
  return (token) => {
    const set = currentKeys();
    if (set !== opened) {
      assertKeySet(set);
      open = createOpener(set, headerExpectation);
      opened = set;
    }
    const { header, payload } = open(token);
    const claims = parseSegment(payload);
    judgeClaims(claims, claimExpectation);
    judgeTime(claims, now(), claimExpectation.clockToleranceSeconds);
    const verified = claims as Verified<C>;
    if (isRevoked?.(verified, header.key.kid) === true) throw new TokenError("revoked");
    return verified;
  };
}

function requiredClaims({
  requiredClaims: names = [],
  expiry = "required",
}: VerifierOptions<never>): string[] {
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string" || name === "")) {
    throw new TypeError("requiredClaims must be an array of claim names");
  }
  if (expiry !== "required" && expiry !== "optional")
    throw new TypeError('expiry is "required" or "optional"');
  const all = expiry === "required" ? ["exp", ...names] : names;
  return [...new Set(all)];
}

/** An expectation must be said: an empty string or a forgotten option must not switch a check off. */
function expectedText(name: string, value: unknown, normalise: (text: string) => string): string | null {
  if (value === null) return null;
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${name} must be a string, or null for unchecked`);
  return normalise(value);
}

function expectedAudience(value: unknown): readonly string[] | null {
  if (value === null) return null;
  const audiences: unknown[] = Array.isArray(value) ? [...value] : [value];
  if (audiences.length === 0 || !audiences.every((text) => typeof text === "string" && text !== "")) {
    throw new TypeError("audience must be a string or an array of strings, or null for unchecked");
  }
  return audiences as string[];
}

function boundedNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw new TypeError(`${name} must be a number from ${least} to ${most}`);
  }
  return value;
}

function boundedInteger(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new TypeError(`${name} must be an integer`);
  return boundedNumber(name, value, least, most);
}
