// Whether a token is to be believed, judged in the order of the engine: nothing of a payload counts before its signature holds.
import { algorithmOf } from "./algorithms.ts";
import { decodeBytes, encodeBytes } from "./base64url.ts";
import { judgeClaims, type Expectation } from "./claims.ts";
import type { TrustedKey } from "./keys.ts";
import { objectIn, partsOf } from "./parts.ts";

/** The checks, in their order. What stands below the one that fails is not read. */
export type Rung = "form" | "algorithm" | "key" | "signature" | "claims";

export const rungs: readonly Rung[] = ["form", "algorithm", "key", "signature", "claims"];

/** The engine's own words. */
export type Reason =
  | "malformed"
  | "algorithm_not_allowed"
  | "critical_header"
  | "wrong_type"
  | "unknown_key"
  | "bad_signature"
  | "expired"
  | "not_yet_valid"
  | "claim_missing"
  | "claim_invalid"
  | "wrong_issuer"
  | "wrong_audience";

export interface Refusal {
  readonly outcome: "refused";
  readonly rung: Rung;
  readonly reason: Reason;
  /** The claim at fault, where there is one. */
  readonly claim?: string | undefined;
  /** Seconds: when it ran out, or will be good. */
  readonly at?: number | undefined;
  /** The signature that would fit, which only whoever has a secret can tell. */
  readonly needs?: string | undefined;
}

export type Verdict =
  | { readonly outcome: "accepted"; readonly alg: string; readonly kid: string | undefined }
  | Refusal
  | { readonly outcome: "unchecked"; readonly why: "no_key" | "no_crypto" };

export async function judge(
  token: string,
  keys: readonly TrustedKey[],
  expectation: Expectation,
  nowSeconds: number,
): Promise<Verdict> {
  const found = judgeForm(token, expectation.type);
  if ("outcome" in found) return found;
  const { alg, kid, signed, signature } = found;
  // Asked before any key, so that `none` is named for what it is where nobody has pasted one yet.
  if (algorithmOf(alg) === undefined) return refusal("algorithm", "algorithm_not_allowed");
  if (keys.length === 0) return { outcome: "unchecked", why: "no_key" };
  const key = selectKey(keys, alg, kid);
  if (key === "algorithm_not_allowed") return refusal("algorithm", key);
  if (key === "unknown_key") return refusal("key", key);
  // Browsers give it to pages that came by https, or from this machine.
  if ((globalThis.crypto as Crypto | undefined)?.subtle === undefined)
    return { outcome: "unchecked", why: "no_crypto" };
  const { holds, needs } = await checkSignature(key, alg, signed, signature);
  if (!holds) return { ...refusal("signature", "bad_signature"), needs };
  const payload = objectIn(signed.slice(signed.indexOf(".") + 1));
  if (payload === undefined) return refusal("claims", "malformed");
  const fault = judgeClaims(payload, expectation, nowSeconds);
  if (fault !== undefined) return { ...refusal("claims", fault.reason), claim: fault.claim, at: fault.at };
  return { outcome: "accepted", alg, kid: key.kid };
}

interface WellFormed {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly signed: string;
  readonly signature: string;
}

function judgeForm(token: string, expectedType: string | null): WellFormed | Refusal {
  const parts = partsOf(token);
  const header = parts && objectIn(parts.header);
  if (parts === undefined || header === undefined) return refusal("form", "malformed");
  const { alg, kid, typ, cty } = header;
  if (typeof alg !== "string") return refusal("algorithm", "algorithm_not_allowed");
  // RFC 7515 §4.1.11, RFC 7797 §6: they change how a token must be read.
  if (["crit", "b64", "zip"].some((name) => Object.hasOwn(header, name)))
    return refusal("form", "critical_header");
  if ((kid !== undefined && typeof kid !== "string") || (typ !== undefined && typeof typ !== "string"))
    return refusal("form", "malformed");
  // RFC 7519 §5.2: the payload is again a token.
  if (cty !== undefined && (typeof cty !== "string" || mediaType(cty) === "jwt"))
    return refusal("form", "wrong_type");
  if (expectedType !== null && (typ === undefined || mediaType(typ) !== expectedType))
    return refusal("form", "wrong_type");
  return { alg, kid, signed: `${parts.header}.${parts.payload}`, signature: parts.signature };
}

function mediaType(value: string): string {
  return value.toLowerCase().replace(/^application\/(?=[^/]*$)/, "");
}

function refusal(rung: Rung, reason: Reason): Refusal {
  return { outcome: "refused", rung, reason };
}

/** The key with the token's `kid`; else the only one of that algorithm that has no name of its own, or is not asked for one. */
function selectKey(
  keys: readonly TrustedKey[],
  alg: string,
  kid: string | undefined,
): TrustedKey | "algorithm_not_allowed" | "unknown_key" {
  const answersTo = (key: TrustedKey): boolean => key.algorithms.includes(alg);
  const named = kid === undefined ? undefined : keys.find((key) => key.kid === kid);
  if (named !== undefined) return answersTo(named) ? named : "algorithm_not_allowed";
  const candidates = keys.filter((key) => answersTo(key) && (kid === undefined || key.kid === undefined));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  return keys.some(answersTo) ? "unknown_key" : "algorithm_not_allowed";
}

async function checkSignature(
  key: TrustedKey,
  alg: string,
  signed: string,
  signature: string,
): Promise<{ readonly holds: boolean; readonly needs: string | undefined }> {
  const algorithm = algorithmOf(alg);
  const bytes = decodeBytes(signature);
  if (algorithm === undefined) return { holds: false, needs: undefined };
  const cryptoKey = await key.forAlgorithm(alg);
  const data = new TextEncoder().encode(signed);
  if (algorithm.kty === "oct") {
    const needs = encodeBytes(new Uint8Array(await crypto.subtle.sign(algorithm.use, cryptoKey, data)));
    return { holds: needs === signature, needs };
  }
  const holds = bytes !== undefined && (await crypto.subtle.verify(algorithm.use, cryptoKey, bytes, data));
  return { holds, needs: undefined };
}
