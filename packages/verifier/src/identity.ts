// Who is asking: what a request handler gets to see of a verified access token.
import type { Verified } from "@countersign/token";
import { AccessError } from "./errors.ts";

/**
 * The `acr` (RFC 9068 §2.2.1) of a login that showed two factors: the authenticator assurance level 2 of
 * NIST SP 800-63B.
 */
export const twoFactorAcr = "aal2";

/**
 * What an app adds to its tokens with the server's option `claims`. An app says once which names there are, and has them
 * in `identity.claims` of every guard, each possibly undefined, as a token may be older than the name:
 *
 *     declare module "@countersign/verifier" {
 *       interface AppClaims { plan: "free" | "pro" }
 *     }
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- an app fills it
export interface AppClaims {}

/** The claims of our access tokens (RFC 9068 §2.2) beside the registered ones. */
export interface AccessClaims extends Readonly<Partial<AppClaims>> {
  /** The session that the token belongs to; what a log-out revokes. */
  readonly sid?: string;
  /** When the person last proved who they are, in seconds since the epoch. */
  readonly auth_time?: number;
  /** How strongly: `aal1`, or `aal2` where two factors were shown. */
  readonly acr?: string;
  /** By what (RFC 8176). */
  readonly amr?: readonly string[];
  readonly roles?: readonly string[];
  /** Space-separated (RFC 8693 §4.2). */
  readonly scope?: string;
}

/** Who is asking. Frozen, and where tokens are remembered so are the claims: several requests may share one. */
export interface Identity {
  /** The claim `sub`: the account's id. */
  readonly subject: string;
  /** The claim `sid`; undefined where the issuer has no sessions. */
  readonly sessionId: string | undefined;
  readonly roles: readonly string[];
  readonly scope: readonly string[];
  /** When the person last proved who they are, in seconds since the epoch; undefined counts as never. */
  readonly authTime: number | undefined;
  /** How many factors they showed: 2 where the claim `acr` is `aal2`, and 1 for whatever else it says. */
  readonly factors: 1 | 2;
  /** Everything the token says, verified. */
  readonly claims: Verified<AccessClaims>;
}

/** A session as its issuer knows it. */
export interface KnownSession {
  readonly userId: string;
  readonly sid: string;
  readonly roles: readonly string[];
  /** When the person last proved who they are, in seconds since the epoch. */
  readonly authTime: number;
  /** How strongly they proved it; without it, by one factor. */
  readonly acr?: string | undefined;
  /** By what (RFC 8176). */
  readonly amr?: readonly string[] | undefined;
}

const none: readonly string[] = Object.freeze([]);

/**
 * Reads the identity out of verified claims.
 *
 * A claim of the wrong type is not repaired or skipped, because a signature proves who wrote the claims, not that they
 * make sense.
 *
 * @throws AccessError `token_invalid`
 */
export function identityOfClaims(claims: Verified<AccessClaims>): Identity {
  const { sub, sid, roles = none, scope, auth_time: authTime, acr } = claims;
  const makeSense =
    isFilled(sub) &&
    (sid === undefined || typeof sid === "string") &&
    (authTime === undefined || Number.isFinite(authTime)) &&
    (scope === undefined || typeof scope === "string") &&
    (acr === undefined || typeof acr === "string") &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === "string");
  if (!makeSense) throw new AccessError("token_invalid", { reason: "claim_invalid" });
  return Object.freeze({
    subject: sub,
    sessionId: sid,
    roles,
    scope: scope === undefined ? none : Object.freeze(scope.split(" ").filter((word) => word !== "")),
    authTime,
    factors: factorsOf(acr),
    claims,
  });
}

function factorsOf(acr: string | undefined): 1 | 2 {
  return acr === twoFactorAcr ? 2 : 1;
}

function isFilled(text: string | undefined): text is string {
  return typeof text === "string" && text !== "";
}

/**
 * The identity of a session that its issuer has just looked up, without a token. `claims` has what our access tokens
 * say of a person (`sub`, `sid`, `roles`, `auth_time`, `acr`, `amr`) and nothing of what makes a token (`iss`, `aud`, `exp`, `jti`).
 *
 * For issuers alone: calling it is the vouching that a signature would be.
 */
export function identityOfSession({ userId, sid, roles, authTime, acr, amr }: KnownSession): Identity {
  const claims: AccessClaims & { readonly sub: string } = {
    sub: userId,
    sid,
    roles,
    auth_time: authTime,
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
  };
  return Object.freeze({
    subject: userId,
    sessionId: sid,
    roles,
    scope: none,
    authTime,
    factors: factorsOf(acr),
    claims: Object.freeze(claims) as Verified<AccessClaims>,
  });
}
