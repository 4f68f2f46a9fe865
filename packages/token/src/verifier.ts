/** Verifying tokens: options compiled once into a synchronous function. */
import { type ClaimExpectation, judgeClaims, judgeTime, type RegisteredClaims } from "./claims.ts";
import { assertText, createOpener, mediaType, type Opener, parseAsciiSegment } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { freezeJson } from "./json.ts";
import { assertKeySet, type KeySet } from "./key-set.ts";
import {
  assertFunction,
  assertKnownOptions,
  boundedInteger,
  boundedNumber,
  systemTime,
  requiredTexts,
  textList,
  textOrNull,
} from "./options.ts";
import { RememberedTokens } from "./remembered-tokens.ts";

declare const brand: unique symbol;

/** The claims of a token that has been verified. Only a verifier can make this type. */
export type Verified<C extends object = object> = RegisteredClaims &
  Readonly<C> & {
    readonly [brand]: "Verified";
  };

/** What a verifier is told. `null` stands where something is deliberately not checked. */
export interface VerifierOptions<C extends object = object, Result = Verified<C>> {
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
  /**
   * For how many verified tokens there is room, to remember them once they come a second time; default 0. Where it is
   * not, claims are frozen, deep: several calls may share them.
   */
  readonly rememberTokens?: number | undefined;
  /**
   * Asked last for every token, remembered or not, with its claims and the `kid` of its key. Anything but `false`
   * refuses the token.
   */
  readonly isRevoked?: ((claims: Verified<C>, kid: string | undefined) => boolean) | undefined;
  /**
   * Makes what the verifier returns out of claims that hold; once for a token that is remembered. Default: the claims
   * themselves.
   */
  readonly transform?: ((claims: Verified<C>) => Result) | undefined;
  /** The time in seconds since the epoch, not rounded. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

const optionNames: readonly (keyof VerifierOptions)[] = [
  "keys",
  "type",
  "issuer",
  "audience",
  "requiredClaims",
  "expiry",
  "clockToleranceSeconds",
  "maxTokenLength",
  "rememberTokens",
  "isRevoked",
  "transform",
  "now",
];

/**
 * The claims of a token (or what `transform` makes of them), or a refusal.
 *
 * @throws TokenError with the code that says why; nothing else, unless `keys`, `isRevoked`, `transform` or `now` throw.
 */
export type Verifier<C extends object = object, Result = Verified<C>> = (token: string) => Result;

/** What is known under one key set, and forgotten with it. */
interface Trust<C extends object, Result> {
  readonly keys: KeySet;
  readonly open: Opener;
  readonly remembered: RememberedTokens<RememberedToken<C, Result>> | undefined;
}

interface RememberedToken<C extends object, Result> {
  readonly token: string;
  readonly claims: Verified<C>;
  readonly kid: string | undefined;
  readonly result: Result;
}

/**
 * A function that verifies tokens.
 *
 * @throws TypeError if an option is missing, unknown or makes no sense.
 */
export function createVerifier<C extends object, Result>(
  options: VerifierOptions<C, Result> & { readonly transform: (claims: Verified<C>) => Result },
): Verifier<C, Result>;
export function createVerifier<C extends object = object>(options: VerifierOptions<C>): Verifier<C>;
export function createVerifier<C extends object, Result>(
  options: VerifierOptions<C, Result>,
): Verifier<C, Result> {
  assertKnownOptions(options, optionNames);
  const { keys, isRevoked, now = systemTime } = options;
  const transform = options.transform ?? ((claims): Result => claims as Result);
  assertFunction("isRevoked", isRevoked);
  assertFunction("transform", transform);
  assertFunction("now", now);
  const type = textOrNull("type", options.type);
  const expectedType = type === null ? null : mediaType(type);
  const expectedClaims = claimExpectation(options);
  const clockToleranceSeconds = boundedNumber(
    "clockToleranceSeconds",
    options.clockToleranceSeconds ?? 0,
    0,
    600,
  );
  const maxTokenLength = boundedInteger("maxTokenLength", options.maxTokenLength ?? 8192, 16, 2 ** 24);
  const capacity = boundedInteger("rememberTokens", options.rememberTokens ?? 0, 0, 2 ** 20);

  const trustIn = (set: KeySet): Trust<C, Result> => ({
    keys: assertKeySet(set),
    open: createOpener(set, expectedType),
    remembered: capacity === 0 ? undefined : new RememberedTokens(capacity),
  });

  /** What may change from one use of a token to the next. */
  const judgeMoment = (claims: Verified<C>, kid: string | undefined): void => {
    judgeTime(claims, now(), clockToleranceSeconds);
    // Not `=== true`: a promise, or nothing at all, must not pass for "no".
    const verdict: unknown = isRevoked === undefined ? false : isRevoked(claims, kid);
    if (verdict !== false) throw new TokenError("revoked");
  };

  let trust: Trust<C, Result> | undefined = typeof keys === "function" ? undefined : trustIn(keys);
  return (token) => {
    assertText(token, maxTokenLength);
    const current = typeof keys === "function" ? keys() : keys;
    if (trust === undefined || trust.keys !== current) trust = trustIn(current);
    const { open, remembered } = trust;
    const known = remembered?.find(token);
    if (known !== undefined) {
      judgeMoment(known.claims, known.kid);
      return known.result;
    }

    const { key, payload } = open(token);
    const claims = parseAsciiSegment(payload);
    judgeClaims(claims, expectedClaims);
    const verified = (remembered === undefined ? claims : freezeJson(claims)) as Verified<C>;
    judgeMoment(verified, key.kid);
    const result = transform(verified);
    remembered?.remember({ token, claims: verified, kid: key.kid, result });
    return result;
  };
}

function claimExpectation(options: Omit<VerifierOptions, "transform" | "isRevoked">): ClaimExpectation {
  const { audience, requiredClaims = [], expiry = "required" } = options;
  if (expiry !== "required" && expiry !== "optional")
    throw new TypeError('expiry is "required" or "optional"');
  const audiences = audience === null ? null : requiredTexts("audience", audience);
  return {
    issuer: textOrNull("issuer", options.issuer),
    audience: typeof audiences === "string" ? [audiences] : audiences,
    requiredClaims: [
      ...textList("requiredClaims", requiredClaims),
      ...(expiry === "required" ? ["exp"] : []),
    ],
  };
}
