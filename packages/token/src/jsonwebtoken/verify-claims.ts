/** Judging claims as jsonwebtoken 9 does, with its messages, and without the options that switch a check off unseen. */
import { systemSeconds } from "../options.ts";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "./errors.ts";
import { endOfSpan } from "./timespan.ts";
import type { JwtPayload, VerifyOptions } from "./types.ts";

/** An expectation of one claim, and what the option for it is called. */
const exactClaims = [
  ["subject", "sub"],
  ["jwtid", "jti"],
  ["nonce", "nonce"],
] as const;

/**
 * Refuses options of a wrong type. An empty string, a text where a number belongs and the like would else be a check
 * that never fails.
 *
 * @throws JsonWebTokenError
 */
export function assertVerifyOptions(options: VerifyOptions): void {
  const { clockTimestamp, clockTolerance, nonce, maxAge, issuer, audience, algorithms } = options;
  if (clockTimestamp !== undefined && !Number.isFinite(clockTimestamp))
    throw new JsonWebTokenError("clockTimestamp must be a number");
  if (clockTolerance !== undefined && !Number.isFinite(clockTolerance))
    throw new JsonWebTokenError("clockTolerance must be a number of seconds");
  if (nonce !== undefined && (typeof nonce !== "string" || nonce.trim() === ""))
    throw new JsonWebTokenError("nonce must be a non-empty string");
  if (maxAge !== undefined && endOfSpan(maxAge, 0) === undefined) throw new JsonWebTokenError(maxAgeMessage);
  for (const name of ["subject", "jwtid"] as const) {
    if (options[name] !== undefined && !isText(options[name]))
      throw new JsonWebTokenError(`${name} must be a non-empty string`);
  }
  if (issuer !== undefined && ![issuer].flat().every(isText))
    throw new JsonWebTokenError("issuer must be a non-empty string or an array of them");
  if (audience !== undefined && ![audience].flat().every((item) => item instanceof RegExp || isText(item)))
    throw new JsonWebTokenError("audience must be a non-empty string, a RegExp or an array of them");
  if (algorithms !== undefined && !(Array.isArray(algorithms) && algorithms.every(isText)))
    throw new JsonWebTokenError("algorithms must be an array of strings");
  if (options.allowInvalidAsymmetricKeyTypes)
    throw new JsonWebTokenError("allowInvalidAsymmetricKeyTypes is not supported");
}

const maxAgeMessage =
  '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60';

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** @throws JsonWebTokenError, TokenExpiredError, NotBeforeError */
export function judgeClaims(claims: JwtPayload, options: VerifyOptions): void {
  // As there, a clock that stands at 0 is none.
  const now =
    options.clockTimestamp === undefined || options.clockTimestamp === 0
      ? systemSeconds()
      : options.clockTimestamp;
  judgeTimes(claims, options, now);
  judgeAudience(claims.aud, options.audience);
  const { issuer } = options;
  if (issuer !== undefined && ![issuer].flat().some((expected) => expected === claims.iss))
    throw new JsonWebTokenError(`jwt issuer invalid. expected: ${String(issuer)}`);
  for (const [option, claim] of exactClaims) {
    const expected = options[option];
    if (expected !== undefined && claims[claim] !== expected)
      throw new JsonWebTokenError(`jwt ${option} invalid. expected: ${expected}`);
  }
  judgeAge(claims.iat, options, now);
}

function judgeTimes({ nbf, exp }: JwtPayload, options: VerifyOptions, now: number): void {
  const { clockTolerance = 0 } = options;
  if (nbf !== undefined && options.ignoreNotBefore !== true) {
    if (!Number.isFinite(nbf)) throw new JsonWebTokenError("invalid nbf value");
    if (nbf > now + clockTolerance) throw new NotBeforeError("jwt not active", new Date(nbf * 1000));
  }
  if (exp !== undefined && options.ignoreExpiration !== true) {
    if (!Number.isFinite(exp)) throw new JsonWebTokenError("invalid exp value");
    if (now >= exp + clockTolerance) throw new TokenExpiredError("jwt expired", new Date(exp * 1000));
  }
}

function judgeAudience(aud: unknown, expected: VerifyOptions["audience"]): void {
  if (expected === undefined) return;
  const accepted = [expected].flat();
  const isAccepted = (one: unknown): boolean =>
    typeof one === "string" &&
    // Not `test`: a pattern with the flag g or y would remember where it stopped.
    accepted.some((item) => (item instanceof RegExp ? one.search(item) >= 0 : item === one));
  if (![aud].flat().some(isAccepted))
    throw new JsonWebTokenError(`jwt audience invalid. expected: ${accepted.join(" or ")}`);
}

function judgeAge(iat: unknown, { maxAge, clockTolerance = 0 }: VerifyOptions, now: number): void {
  if (maxAge === undefined) return;
  if (!Number.isFinite(iat)) throw new JsonWebTokenError("iat required when maxAge is specified");
  // Spans that make no sense have been refused with the options.
  const end = endOfSpan(maxAge, iat as number)!;
  if (now >= end + clockTolerance) throw new TokenExpiredError("maxAge exceeded", new Date(end * 1000));
}
