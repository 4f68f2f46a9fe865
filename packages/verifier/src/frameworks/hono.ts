// Guards for Hono 4 routes.
import type { MiddlewareHandler } from "hono";
import { toAccessError } from "../errors.ts";
import { allowAnonymous, requireIdentity } from "../guard.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import type { Requirements } from "../requirements.ts";
import { refusalResponse } from "../refusal-response.ts";

/** What a guard adds to the context: `context.get("identity")`, or `context.var.identity`. */
export interface HonoIdentity<I extends Identity | undefined> {
  Variables: { identity: I };
}

export interface HonoGuard {
  readonly required: (requirements?: Requirements) => MiddlewareHandler<HonoIdentity<Identity>>;
  readonly optional: () => MiddlewareHandler<HonoIdentity<Identity | undefined>>;
}

/** Makes the middleware of routes: `app.get("/reports", guard.required({ roles: ["auditor"] }), handler)`. */
export function createGuard(authenticator: Authenticator): HonoGuard {
  return {
    required: (requirements) => createMiddleware(requireIdentity(authenticator, requirements)),
    optional: () => createMiddleware(allowAnonymous(authenticator)),
  };
}

function createMiddleware<I extends Identity | undefined>(
  guard: Guard<I>,
): MiddlewareHandler<HonoIdentity<I>> {
  return async (context, next) => {
    try {
      context.set("identity", await guard(context.req.raw.headers));
    } catch (error) {
      return refusalResponse(toAccessError(error), (context.var as { requestId?: unknown }).requestId);
    }
    return next();
  };
}
