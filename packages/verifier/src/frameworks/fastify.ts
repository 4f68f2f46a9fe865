// Guards for Fastify 5 routes.
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { problemText } from "../errors.ts";
import { allowAnonymous, type Authenticator, type Guard, requireIdentity } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { admitInBatches } from "../request-groups.ts";
import type { Requirements } from "../requirements.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is asking, as the route's guard found; undefined for a stranger and on a route without a guard. */
    identity: Identity | undefined;
  }
}

export interface FastifyGuard {
  readonly required: (requirements?: Requirements) => onRequestHookHandler;
  readonly optional: () => onRequestHookHandler;
}

/** Makes the hooks of an app's routes: `{ onRequest: guard.required({ roles: ["admin"] }) }`. */
export function createGuard(authenticator: Authenticator, app: FastifyInstance): FastifyGuard {
  if (!app.hasRequestDecorator("identity")) app.decorateRequest("identity", undefined);
  return {
    required: (requirements) => createHook(requireIdentity(authenticator, requirements)),
    optional: () => createHook(allowAnonymous(authenticator)),
  };
}

/** A callback, as async hooks cost promises. */
function createHook(guard: Guard<Identity | undefined>): onRequestHookHandler {
  return (request, reply, done) => {
    request.identity = undefined;
    const admit = (identity: Identity | undefined): void => {
      request.identity = identity;
      done();
    };
    admitInBatches(guard, request.raw, admit, (error) => {
      reply
        .code(error.status)
        .headers(error.headers)
        .type("application/problem+json")
        .send(problemText(error, request.id));
    });
  };
}
