// Who a guarded route works for.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";

export interface CurrentUser {
  readonly userId: string;
  /** The session that asks. */
  readonly sid: string;
  /** The `iat` of the token. */
  readonly issuedAt: number;
  /** When they last showed who they are, in seconds since the epoch. */
  readonly authTime: number;
  readonly factors: 1 | 2;
  /** By what (RFC 8176). */
  readonly amr: readonly string[];
}

/** @throws ServiceError `internal` where a route has no guard: that is a refusal, too */
export function currentUser({ identity }: FastifyRequest): CurrentUser {
  // Every token of this issuer names its session.
  if (identity?.sessionId === undefined) throw new ServiceError("internal");
  return {
    userId: identity.subject,
    sid: identity.sessionId,
    issuedAt: identity.claims.iat ?? 0,
    authTime: identity.authTime ?? 0,
    factors: identity.factors,
    amr: identity.claims.amr ?? [],
  };
}
