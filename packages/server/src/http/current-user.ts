// Who a guarded route works for.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";

export interface CurrentUser {
  readonly userId: string;
  /** The session that asks; null where the token belongs to none. */
  readonly sid: string | null;
}

/** @throws ServiceError `internal` where a route has no guard: that is a refusal, too */
export function currentUser({ identity }: FastifyRequest): CurrentUser {
  if (identity === undefined) throw new ServiceError("internal");
  return { userId: identity.subject, sid: identity.sessionId ?? null };
}
