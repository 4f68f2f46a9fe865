/** The one error class of the engine and the closed list of reasons for which a token is refused. */

/** Every reason for which a token is refused, with the sentence that stands in the error's message. */
const sentences = {
  /** Not a string of three canonical base64url segments that hold JSON objects (RFC 7515 §3.1, RFC 7519 §7.2). */
  malformed: "The token is not a well-formed JSON Web Token",
  /** Longer than `maxTokenLength`. Nothing of it was read. */
  too_large: "The token is longer than allowed",
  /** `alg` is missing, unknown, or not the algorithm of the key it names (RFC 8725 §3.1). */
  algorithm_not_allowed: "The token's algorithm is not the algorithm of any key it may be signed with",
  /** The header carries `crit`, `b64` or `zip`: parameters that change how a token must be read (RFC 7515 §4.1.11). */
  critical_header: "The token's header asks for an extension that is not supported",
  /** `typ` is not the expected media type, or `cty` announces a nested token (RFC 8725 §3.11). */
  wrong_type: "The token is of another type than expected",
  /** No key, or more than one, answers to the token's `kid` and `alg`. */
  unknown_key: "The token names no key that is trusted",
  /** The signature does not hold. Nothing of the payload was read. */
  bad_signature: "The token's signature does not hold",
  /** `exp` has been reached (RFC 7519 §4.1.4: "on or after"). */
  expired: "The token has expired",
  /** `nbf` or `iat` lies in the future (RFC 7519 §4.1.5). */
  not_yet_valid: "The token is not valid yet",
  /** A claim that must be there is not. `claim` names it. */
  claim_missing: "The token lacks a required claim",
  /** A registered claim is of the wrong JSON type or out of range. `claim` names it. */
  claim_invalid: "A claim of the token is not of the right type",
  /** `iss` is not the expected issuer, compared code point by code point (RFC 7519 §4.1.1). */
  wrong_issuer: "The token comes from another issuer",
  /** `aud` holds none of the expected audiences (RFC 7519 §4.1.3). */
  wrong_audience: "The token is meant for another audience",
  /** `isRevoked` said so. */
  revoked: "The token has been revoked",
} as const;

/** Why a token was refused. */
export type TokenErrorCode = keyof typeof sentences;

/**
 * A token was refused.
 *
 * `code` says why, `claim` names the claim at fault where there is one. The message holds nothing of the token. It
 * has no stack: refusals are answers, not accidents, and a flood of forgeries must not cost more than honest tokens.
 */
export class TokenError extends Error {
  readonly code: TokenErrorCode;
  readonly claim: string | undefined;

  constructor(code: TokenErrorCode, claim?: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(claim === undefined ? sentences[code] : `${sentences[code]}: ${claim}`);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.claim = claim;
  }

  override get name(): string {
    return "TokenError";
  }
}
