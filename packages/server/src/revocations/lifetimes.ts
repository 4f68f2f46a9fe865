// How long the revocation of an access token matters.

import { maxAccessTokenTtlSeconds } from "../settings/limits.ts";

/** For clocks that differ between the server and its verifiers. */
const leewaySeconds = 60;

/**
 * As long as any access token can live, also one that was issued under a longer setting than
 * today's.
 */
export function revocationSecondsFor(accessTokenTtlSeconds: number = maxAccessTokenTtlSeconds): number {
  return Math.max(accessTokenTtlSeconds, maxAccessTokenTtlSeconds) + leewaySeconds;
}
