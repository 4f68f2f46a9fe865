// The claims of a payload: judged once the signature holds, and explained in any case.
import type { JsonObject } from "./parts.ts";

/** What a verifier asks for. `null`: anything will do. */
export interface Expectation {
  readonly type: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  /** Claims that must be there. */
  readonly required: readonly string[];
}

export const anything: Expectation = { type: null, issuer: null, audience: null, required: [] };

export interface ClaimFault {
  readonly reason:
    | "claim_missing"
    | "claim_invalid"
    | "wrong_issuer"
    | "wrong_audience"
    | "expired"
    | "not_yet_valid";
  readonly claim: string;
  /** Of a time that is over or has not come: the seconds that stand in the claim. */
  readonly at?: number;
}

/** The last second of the year 9999. A larger time is a mistake of units. */
const maxTime = 253_402_300_799;

const timeClaims = ["exp", "iat", "nbf"] as const;
const textClaims = ["sub", "jti", "iss"] as const;

/** RFC 7519 §4.1, in the engine's order. */
export function judgeClaims(
  claims: JsonObject,
  { issuer, audience, required }: Expectation,
  nowSeconds: number,
): ClaimFault | undefined {
  const missing = required.find((name) => !Object.hasOwn(claims, name));
  if (missing !== undefined) return { reason: "claim_missing", claim: missing };
  const wrong = wrongType(claims);
  if (wrong !== undefined) return { reason: "claim_invalid", claim: wrong };
  const { iss, aud } = claims;
  if (issuer !== null && iss !== issuer) return fault(iss, "wrong_issuer", "iss");
  if (audience !== null && !audiencesOf(aud).includes(audience)) return fault(aud, "wrong_audience", "aud");
  return judgeTimes(claims, nowSeconds);
}

function fault(value: unknown, reason: ClaimFault["reason"], claim: string): ClaimFault {
  return { reason: value === undefined ? "claim_missing" : reason, claim };
}

function judgeTimes({ exp, nbf, iat }: JsonObject, nowSeconds: number): ClaimFault | undefined {
  // RFC 7519 §4.1.4: "on or after".
  if (typeof exp === "number" && nowSeconds >= exp) return { reason: "expired", claim: "exp", at: exp };
  if (typeof nbf === "number" && nowSeconds < nbf) return { reason: "not_yet_valid", claim: "nbf", at: nbf };
  if (typeof iat === "number" && nowSeconds < iat) return { reason: "not_yet_valid", claim: "iat", at: iat };
  return undefined;
}

function wrongType(claims: JsonObject): string | undefined {
  const time = timeClaims.find((name) => claims[name] !== undefined && !isTime(claims[name]));
  if (time !== undefined) return time;
  const text = textClaims.find((name) => claims[name] !== undefined && typeof claims[name] !== "string");
  if (text !== undefined) return text;
  const { aud } = claims;
  const isFine = aud === undefined || typeof aud === "string" || (Array.isArray(aud) && aud.every(isString));
  return isFine ? undefined : "aud";
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Seconds since the epoch, between 1970 and 9999 (RFC 7519 §2). */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= maxTime;
}

export function audiencesOf(aud: unknown): readonly string[] {
  return typeof aud === "string" ? [aud] : Array.isArray(aud) ? aud.filter(isString) : [];
}
