// What a route asks of an identity beyond a good token.
import { AccessError, type AccessErrorOptions } from "./errors.ts";
import { type Identity, twoFactorAcr } from "./identity.ts";

/** What a route asks beyond a good token. */
export interface Requirements {
  /** At least one of these roles. */
  readonly roles?: readonly string[] | undefined;
  /** Every one of these scopes. */
  readonly scope?: readonly string[] | undefined;
  /**
   * How many factors the person showed. 2 asks who logged in with one for the other (RFC 9470); 1, the
   * default, asks for nothing.
   */
  readonly factors?: 1 | 2 | undefined;
  /** The log-in behind the token is at most this old, in seconds (RFC 9470). */
  readonly maxAuthAgeSeconds?: number | undefined;
}

/**
 * A copy that nobody can change later; undefined if nothing beyond a good token is asked.
 *
 * @throws TypeError if a requirement is unknown, could never be met or would mean nothing
 */
export function checkRequirements(requirements: Requirements): Requirements | undefined {
  const { roles, scope, factors, maxAuthAgeSeconds, ...unknown } = requirements;
  const [surprise] = Object.keys(unknown);
  // A misspelt requirement would otherwise be one that is never enforced.
  if (surprise !== undefined) throw new TypeError(`there is no requirement "${surprise}"`);
  checkWords("roles", roles);
  checkWords("scope", scope);
  if (factors !== undefined && factors !== 1 && factors !== 2) throw new TypeError("factors must be 1 or 2");
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

/**
 * `now` is asked only where age matters.
 *
 * @throws AccessError `role_missing`, `scope_missing`, `factor_missing`, `authentication_too_old`
 */
export function enforceRequirements(rules: Requirements, identity: Identity, now: () => number): void {
  const { roles, scope, factors, maxAuthAgeSeconds } = rules;
  // First, as an issuer may keep roles back until there is a second factor.
  if (factors === 2 && identity.factors !== 2) throw new AccessError("factor_missing", stepUp(rules));
  if (roles !== undefined && !roles.some((role) => identity.roles.includes(role))) {
    throw new AccessError("role_missing");
  }
  if (scope !== undefined && !scope.every((word) => identity.scope.includes(word))) {
    throw new AccessError("scope_missing", { challenge: { scope: scope.join(" ") } });
  }
  if (maxAuthAgeSeconds !== undefined) {
    const authTime = identity.authTime ?? Number.NEGATIVE_INFINITY;
    if (now() - authTime > maxAuthAgeSeconds) throw new AccessError("authentication_too_old", stepUp(rules));
  }
}

/** All that the login is asked for at once, whichever part is missing (RFC 9470 §3). */
function stepUp({ factors, maxAuthAgeSeconds }: Requirements): AccessErrorOptions {
  return {
    challenge: {
      ...(factors === 2 ? { acr_values: twoFactorAcr } : {}),
      ...(maxAuthAgeSeconds === undefined ? {} : { max_age: String(maxAuthAgeSeconds) }),
    },
  };
}
