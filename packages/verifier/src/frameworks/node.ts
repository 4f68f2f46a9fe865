// Guards for handlers of Node's own `http` and `https` servers.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { allowAnonymous, requireIdentity } from "../guard.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { pass } from "../request-groups.ts";
import type { Requirements } from "../requirements.ts";

/** A handler that is called only with an identity (or, behind `optional`, undefined for a stranger). */
export type NodeHandler<I extends Identity | undefined> = (
  request: IncomingMessage & { identity: I },
  response: ServerResponse,
) => void;

export interface NodeGuard {
  readonly required: (handler: NodeHandler<Identity>, requirements?: Requirements) => RequestListener;
  readonly optional: (handler: NodeHandler<Identity | undefined>) => RequestListener;
}

/** Wraps handlers: `createServer(guard.required((request, response) => …, { roles: ["auditor"] }))`. */
export function createGuard(authenticator: Authenticator): NodeGuard {
  return {
    required: (handler, requirements) => wrap(requireIdentity(authenticator, requirements), handler),
    optional: (handler) => wrap(allowAnonymous(authenticator), handler),
  };
}

function wrap<I extends Identity | undefined>(guard: Guard<I>, handler: NodeHandler<I>): RequestListener {
  return (request, response) => {
    const admit = (identity: I): void => handler(Object.assign(request, { identity }), response);
    pass(guard, request, admit, ({ status, headers, problem }) => {
      response.statusCode = status;
      response.setHeaders(new Headers({ ...headers, "content-type": "application/problem+json" }));
      response.end(JSON.stringify(problem));
    });
  };
}
