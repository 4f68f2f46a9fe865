// Guards for handlers of Node's own `http` and `https` servers.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { problemText } from "../errors.ts";
import { allowAnonymous, requireIdentity } from "../guard.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { admitInBatches } from "../request-groups.ts";
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
    const admit = (identity: I): void => {
      try {
        handler(Object.assign(request, { identity }), response);
      } catch (error) {
        endFailed(response, error);
      }
    };
    admitInBatches(guard, request, admit, (error) => {
      response.statusCode = error.status;
      response.setHeaders(new Headers({ ...error.headers, "content-type": "application/problem+json" }));
      response.end(problemText(error, (request as { id?: unknown }).id));
    });
  };
}

/**
 * Ends the request whose handler threw, and no other: those that arrived with it have their turn after it, and there is
 * no framework here that would catch it. As Express does, it tells the error to standard error.
 */
function endFailed(response: ServerResponse, error: unknown): void {
  // oxlint-disable-next-line no-console -- nobody else can hear of it
  console.error(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = 500;
  response.setHeader("content-type", "application/problem+json");
  response.end(JSON.stringify({ type: "about:blank", title: "Internal Server Error", status: 500 }));
}
