// The two guards that every framework adapter is made of: credentials in, an identity or a refusal out.
import type { Credentials } from "./bearer.ts";
import { AccessError, toAccessError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { checkRequirements, enforceRequirements } from "./requirements.ts";
import type { Requirements } from "./requirements.ts";
import type { RevocationObserver } from "./revocation-list.ts";

/** Whoever can tell an identity from credentials: an `AccessVerifier`, or a server with sessions of its own. */
export interface Authenticator {
  /** Throws or rejects with `AccessError`; a Promise only where something must be fetched first. */
  readonly authenticate: (credentials: Credentials) => Identity | Promise<Identity>;
  /** The clock that identities are judged by, in seconds since the epoch. */
  readonly now: () => number;
  /** As `AccessVerifier` has it. Without it, what outlives a request is judged again once a second. */
  readonly observeRevocations?: (observer: RevocationObserver) => () => void;
}

/** Turns credentials into an identity, or throws or rejects with `AccessError` and nothing else. */
export type Guard<I extends Identity | undefined = Identity> = (credentials: Credentials) => I | Promise<I>;

/**
 * The guard of a route that needs an identity.
 *
 * @throws TypeError if a requirement could never be met or would mean nothing (an empty list, a negative age)
 */
export function requireIdentity(authenticator: Authenticator, requirements: Requirements = {}): Guard {
  if (typeof authenticator?.authenticate !== "function" || typeof authenticator.now !== "function") {
    throw new TypeError("a guard needs the verifier that it asks");
  }
  const rules = checkRequirements(requirements);
  const judge = (identity: Identity): Identity => {
    // Whoever wrote the authenticator: nothing but an identity gets through.
    if (typeof identity?.subject !== "string") throw new AccessError("verification_failed");
    if (rules !== undefined) enforceRequirements(rules, identity, () => authenticator.now());
    return identity;
  };
  return (credentials) => {
    try {
      const answer = authenticator.authenticate(credentials);
      if (!(answer instanceof Promise)) return judge(answer);
      return answer.then(judge).catch((error: unknown) => {
        throw toAccessError(error);
      });
    } catch (error) {
      throw toAccessError(error);
    }
  };
}

/**
 * The guard of a route that greets strangers too: a request without `Authorization` is undefined,
 * one with a bad token is refused all the same.
 */
export function allowAnonymous(authenticator: Authenticator): Guard<Identity | undefined> {
  const required = requireIdentity(authenticator);
  return (credentials) => {
    try {
      const identity = required(credentials);
      return identity instanceof Promise ? identity.catch(anonymousOrThrow) : identity;
    } catch (error) {
      return anonymousOrThrow(error);
    }
  };
}

function anonymousOrThrow(error: unknown): undefined {
  if (error instanceof AccessError && error.code === "credentials_missing") return undefined;
  throw error;
}

/**
 * The identity that a `required()` guard has put on a request.
 *
 * @throws AccessError `credentials_missing` (a 401) where none did, so that a forgotten guard refuses everybody
 */
export function identityOf(request: { readonly identity?: Identity | undefined }): Identity {
  if (request.identity === undefined) throw new AccessError("credentials_missing");
  return request.identity;
}
