// The option `claims`: what an app adds to access tokens.
import type { AppClaims } from "@countersign/verifier";
import { list } from "./collections.ts";
import { codeOnly, type Kind } from "./kinds.ts";

/** The account that a token is about. */
export interface ClaimsAccount {
  readonly id: string;
  readonly email: string;
  /** Whether somebody has shown that they read its mail. */
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly roles: readonly string[];
  /** What its owner keeps with it. A row can be older than the schema. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the app keeps with it. */
  readonly appMetadata: Readonly<Record<string, unknown>>;
}

/** How its owner logged in. */
export interface ClaimsSession {
  readonly clientId: string;
  /** By what they showed who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly factors: 1 | 2;
}

/**
 * Gives the claims for one access token, each under a name of `claimNames`: JSON, of 1,024 bytes at most altogether.
 *
 * It is asked before anything changes, at each login, renewal and change of password that ends in tokens. One that throws,
 * rejects, gives anything else or takes longer than a second refuses that request with 503; `signal` says when the second
 * is over.
 */
export type ClaimsFunction = (
  account: ClaimsAccount,
  session: ClaimsSession,
  signal: AbortSignal,
) => Partial<AppClaims> | Promise<Partial<AppClaims>>;

/**
 * The names to which we, guards or introspection (RFC 7662 §2.2) give a meaning. No app's function may say who somebody
 * is or what they may do by one of them.
 */
const reservedNames: ReadonlySet<string> = new Set(
  (
    "iss sub aud exp nbf iat jti sid client_id scope roles amr acr auth_time cnf act may_act azp nonce typ events " +
    "active username token_type tokens_before"
  ).split(" "),
);

const nameForm = /^[a-z][\w.:/-]{0,63}$/i;

export const claimsFunction = (): Kind =>
  codeOnly({
    type: "ClaimsFunction",
    typeFrom: "claims.ts",
    range: "",
    problem: (value) => (typeof value === "function" ? undefined : "must be a function"),
  });

export const claimNames = (): Kind =>
  list({
    isItem: (name) => nameForm.test(name) && !isReserved(name),
    must:
      "a list of names of 1 to 64 letters, digits and _ . : / - that begin with a letter, " +
      `none of which means something already (${[...reservedNames].join(", ")})`,
    range: "names that mean nothing yet",
  });

/** Also in other spellings: a reader that ignores case must not take one for ours. */
function isReserved(name: string): boolean {
  return reservedNames.has(name.toLowerCase()) || name in Object.prototype;
}
