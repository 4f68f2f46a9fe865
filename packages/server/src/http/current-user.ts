// Who a guarded route works for.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";

export interface CurrentUser {
  readonly userId: string;
  /** The session that asks. */
  readonly sid: string;
}

/** @throws ServiceError `internal` where a route has no guard: that is a refusal, too */
export function currentUser({ identity }: FastifyRequest): CurrentUser {
  // Every token of this issuer names its session.
  if (identity?.sessionId === undefined) throw new ServiceError("internal");
  return { userId: identity.subject, sid: identity.sessionId };
}
