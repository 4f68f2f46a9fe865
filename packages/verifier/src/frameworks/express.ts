// Guards for Express 4 and 5 routes.
import type { RequestHandler } from "express";
import { problemText } from "../errors.ts";
import { allowAnonymous, type Authenticator, type Guard, requireIdentity } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { admitInBatches } from "../request-groups.ts";
import type { Requirements } from "../requirements.ts";

declare global {
  namespace Express {
    interface Request {
      /** Who is asking, as the route's guard found; undefined for a stranger and on a route without a guard. */
      identity: Identity | undefined;
    }
  }
}

export interface ExpressGuard {
  readonly required: (requirements?: Requirements) => RequestHandler;
  readonly optional: () => RequestHandler;
}

/** Makes the middleware of routes: `app.get("/reports", guard.required({ roles: ["auditor"] }), handler)`. */
export function createGuard(authenticator: Authenticator): ExpressGuard {
  return {
    required: (requirements) => createMiddleware(requireIdentity(authenticator, requirements)),
    optional: () => createMiddleware(allowAnonymous(authenticator)),
  };
}

function createMiddleware(guard: Guard<Identity | undefined>): RequestHandler {
  return (request, response, next) => {
    request.identity = undefined;
    const admit = (identity: Identity | undefined): void => {
      request.identity = identity;
      next();
    };
    admitInBatches(guard, request, admit, (error) => {
      response
        .status(error.status)
        .set(error.headers)
        .type("application/problem+json")
        .send(problemText(error, (request as { id?: unknown }).id));
    });
  };
}
