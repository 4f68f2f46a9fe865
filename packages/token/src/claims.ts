/** The claims of a token whose signature holds, judged against what is expected at one instant (RFC 7519 §4.1). */
import { TokenError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** The registered claims (RFC 7519 §4.1). Times are seconds since the epoch. */
export interface RegisteredClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
}

/** What a verifier expects of claims. */
export interface ClaimExpectation {
  readonly issuer: string | null;
  readonly audience: readonly string[] | null;
  readonly requiredClaims: readonly string[];
}

/** The last second of the year 9999. A larger time is a mistake of units or a trick (RFC 8259 allows 1e400). */
const maxTime = 253_402_300_799;

/**
 * Everything about claims that does not change with time: types, presence, issuer, audience.
 *
 * @throws TokenError `claim_missing`, `claim_invalid`, `wrong_issuer`, `wrong_audience`.
 */
export function judgeClaims(
  claims: JsonObject,
  expectation: ClaimExpectation,
): asserts claims is JsonObject & RegisteredClaims {
  for (const name of expectation.requiredClaims) {
    if (!Object.hasOwn(claims, name)) throw new TokenError("claim_missing", name);
  }
  const fault = findFault(claims);
  if (fault !== undefined) throw new TokenError("claim_invalid", fault);
  const { iss, aud } = claims;
  if (expectation.issuer !== null && iss !== expectation.issuer) {
    throw iss === undefined ? new TokenError("claim_missing", "iss") : new TokenError("wrong_issuer", "iss");
  }
  if (expectation.audience !== null && !isMeantFor(expectation.audience, aud)) {
    throw aud === undefined
      ? new TokenError("claim_missing", "aud")
      : new TokenError("wrong_audience", "aud");
  }
}

/**
 * Whether the token lives at `now`, in seconds. It is dead at `exp` itself (RFC 7519 §4.1.4: "on or after").
 *
 * @throws TokenError `expired`, `not_yet_valid`.
 */
export function judgeTime(claims: RegisteredClaims, now: number, clockToleranceSeconds: number): void {
  const { exp, nbf, iat } = claims;
  // Negated, so that a clock that gives NaN refuses.
  if (exp !== undefined && !(now < exp + clockToleranceSeconds)) throw new TokenError("expired", "exp");
  if (nbf !== undefined && !(now >= nbf - clockToleranceSeconds))
    throw new TokenError("not_yet_valid", "nbf");
  if (iat !== undefined && !(now >= iat - clockToleranceSeconds))
    throw new TokenError("not_yet_valid", "iat");
}

/** The name of a registered claim that is there but of the wrong JSON type or out of range. */
export function findFault({
  exp,
  iat,
  nbf,
  sub,
  jti,
  iss,
  aud,
}: Readonly<Partial<Record<keyof RegisteredClaims, unknown>>>): string | undefined {
  if (exp !== undefined && !isTime(exp)) return "exp";
  if (iat !== undefined && !isTime(iat)) return "iat";
  if (nbf !== undefined && !isTime(nbf)) return "nbf";
  if (sub !== undefined && typeof sub !== "string") return "sub";
  if (jti !== undefined && typeof jti !== "string") return "jti";
  if (iss !== undefined && typeof iss !== "string") return "iss";
  return aud === undefined || typeof aud === "string" || isArrayOfStrings(aud) ? undefined : "aud";
}

/** Whether a value is a NumericDate between 1970 and 9999 (RFC 7519 §2). NaN is not. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= maxTime;
}

function isArrayOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === "string");
}

function isMeantFor(expected: readonly string[], aud: unknown): boolean {
  if (typeof aud === "string") return expected.includes(aud);
  return Array.isArray(aud) && aud.some((member) => expected.includes(member as string));
}
