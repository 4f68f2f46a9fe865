// How long a signing key is published before its first use and kept after its last: the arithmetic,
// in one place.
import { maxAccessTokenTtlSeconds } from "../settings/limits.ts";

/** `max-age` of the JWKS. */
export const jwksMaxAgeSeconds = 300;

/**
 * The longest that anybody uses a copy of the JWKS: once `max-age` in a cache on the way, and once
 * more at a verifier that does not read the cache's `Age`. It is also what verifiers keep that do
 * not read `max-age` (`jose`: 600 s).
 */
export const longestCopySeconds: number = 2 * jwksMaxAgeSeconds;

/**
 * An instance signs, and lets others keep its JWKS, only while its last look at the store is no
 * older than this.
 */
export const longestViewSeconds = 30;

/**
 * The most that a verifier's clock may be behind (`clockToleranceSeconds` of our own goes so far).
 */
export const clockToleranceSeconds = 30;

/**
 * For what is under way between two of these: a commit (2 s), a fetch (3 s), a tick (1 s), a token
 * dated ahead (1 s).
 */
export const marginSeconds = 30;

/**
 * 660: from the moment a key is staged until it may sign, by when every copy of the JWKS in use has
 * it.
 */
export const leastPublishSeconds: number = longestViewSeconds + longestCopySeconds + marginSeconds;

/**
 * From the moment that another key signs until this one may go, by when no token that it signed is
 * accepted anywhere.
 */
export function keepSeconds(accessTokenTtlSeconds: number = maxAccessTokenTtlSeconds): number {
  const ttlSeconds = Math.max(accessTokenTtlSeconds, maxAccessTokenTtlSeconds);
  return longestViewSeconds + ttlSeconds + clockToleranceSeconds + marginSeconds;
}
