// Guards for handlers that take a `Request` and return a `Response`: Next.js routes, Bun, Deno.
import { type AccessError, toAccessError } from "../errors.ts";
import { allowAnonymous, requireIdentity } from "../guard.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { refusalResponse } from "../refusal-response.ts";
import type { Requirements } from "../requirements.ts";

/** Who sends the request, or the response that refuses it. Never rejects. */
export type FetchCheck<I extends Identity | undefined> = (request: Request) => Promise<I | Response>;

export interface FetchGuard {
  readonly required: (requirements?: Requirements) => FetchCheck<Identity>;
  readonly optional: () => FetchCheck<Identity | undefined>;
}

/** Makes checks: `const identity = await check(request); if (identity instanceof Response) return identity;` */
export function createGuard(authenticator: Authenticator): FetchGuard {
  return {
    required: (requirements) => createCheck(requireIdentity(authenticator, requirements)),
    optional: () => createCheck(allowAnonymous(authenticator)),
  };
}

function createCheck<I extends Identity | undefined>(guard: Guard<I>): FetchCheck<I> {
  return async (request) => {
    try {
      return await guard(request.headers);
    } catch (error) {
      return toResponse(toAccessError(error));
    }
  };
}

/** The response that a refusal maps to. */
export function toResponse(error: AccessError): Response {
  return refusalResponse(error);
}
