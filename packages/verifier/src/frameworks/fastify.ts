// Guards for Fastify 5 routes.
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { allowAnonymous, pass, requireIdentity } from "../guard.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
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

/** A hook with a callback, because an async one costs each request a few promises. */
function createHook(guard: Guard<Identity | undefined>): onRequestHookHandler {
  return (request, reply, done) => {
    request.identity = undefined;
    const admit = (identity: Identity | undefined): void => {
      request.identity = identity;
      done();
    };
    pass(guard, request.raw, admit, ({ status, headers, problem }) => {
      // Already JSON text, so that no response schema of the route can drop a member.
      reply.code(status).headers(headers).type("application/problem+json").send(JSON.stringify(problem));
    });
  };
}
