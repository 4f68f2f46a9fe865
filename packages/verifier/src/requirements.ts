// What a route asks of an identity, and the two guards that every framework adapter is made of.
import type { Credentials } from "./bearer.ts";
import { AccessError, toAccessError } from "./errors.ts";
import type { Identity } from "./identity.ts";

/** What a route asks beyond a good token. */
export interface Requirements {
  /** At least one of these roles. */
  readonly roles?: readonly string[];
  /** Every one of these scopes. */
  readonly scope?: readonly string[];
  /** The log-in behind the token is at most this old, in seconds (RFC 9470). */
  readonly maxAuthAgeSeconds?: number;
}

/** Whoever can tell an identity from credentials: an `AccessVerifier`, or a server with its own sessions. */
export interface Authenticator {
  /** Throws or rejects with `AccessError`; a Promise only where something must be fetched first. */
  readonly authenticate: (credentials: Credentials) => Identity | Promise<Identity>;
  /** The clock that identities are judged by: whole seconds since the epoch. */
  readonly now: () => number;
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
    if (rules !== undefined) enforce(rules, identity, authenticator);
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

/** A copy that nobody can change later; undefined if nothing beyond a good token is asked. */
function checkRequirements(requirements: Requirements): Requirements | undefined {
  const { roles, scope, maxAuthAgeSeconds, ...unknown } = requirements;
  const [surprise] = Object.keys(unknown);
  // A misspelt requirement would otherwise be one that is never enforced.
  if (surprise !== undefined) throw new TypeError(`there is no requirement "${surprise}"`);
  checkWords("roles", roles);
  checkWords("scope", scope);
  if (maxAuthAgeSeconds !== undefined && !(Number.isFinite(maxAuthAgeSeconds) && maxAuthAgeSeconds >= 0)) {
    throw new TypeError("maxAuthAgeSeconds must be a number of seconds, 0 or more");
  }
  return Object.values(requirements).every((value) => value === undefined)
    ? undefined
    : structuredClone(requirements);
}

/** RFC 6749 §3.3 names the characters of a scope; the same keep a role or scope from breaking the challenge. */
function checkWords(name: string, words: readonly string[] | undefined): void {
  if (words === undefined) return;
  const fine =
    Array.isArray(words) &&
    words.length > 0 &&
    words.every((word) => typeof word === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word));
  if (!fine) throw new TypeError(`${name} must be a list of at least one word without spaces or quotes`);
}

/** @throws AccessError `role_missing`, `scope_missing`, `authentication_too_old` */
function enforce(rules: Requirements, identity: Identity, authenticator: Authenticator): void {
  const { roles, scope, maxAuthAgeSeconds } = rules;
  if (roles !== undefined && !roles.some((role) => identity.roles.includes(role))) {
    throw new AccessError("role_missing");
  }
  if (scope !== undefined && !scope.every((word) => identity.scope.includes(word))) {
    throw new AccessError("scope_missing", { challenge: { scope: scope.join(" ") } });
  }
  if (maxAuthAgeSeconds !== undefined) {
    const authTime = identity.authTime ?? Number.NEGATIVE_INFINITY;
    if (authenticator.now() - authTime > maxAuthAgeSeconds) {
      throw new AccessError("authentication_too_old", { challenge: { max_age: String(maxAuthAgeSeconds) } });
    }
  }
}
