// The guard of routes: bearer tokens everywhere, and session cookies where a route lets them in.
import {
  type Authenticator,
  type Credentials,
  identityOfSession,
  type KnownSession,
  type Requirements,
} from "@countersign/verifier";
import { createGuard as createBearerGuard, type FastifyGuard } from "@countersign/verifier/fastify";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import { ServiceError } from "../errors.ts";
import { takesCookies } from "./cors.ts";
import { answerError } from "./problems.ts";
import { isSafe, type SameSiteCheck } from "./same-site.ts";
import { hasSessionCookie, sessionCookieOf } from "./session-cookie.ts";

export interface CookiePolicy {
  /** Lets session cookies in, too. Without it a route ignores them. */
  readonly cookies?: boolean | undefined;
}

/** The hook of a route. Named through the verifier's guard, whose types say what `request.identity` is. */
type GuardHook = ReturnType<FastifyGuard["required"]>;

export interface Guard {
  /** Lets in who has a good token, or, where `cookies` says so, a live session, and meets the requirements. */
  readonly required: (requirements?: Requirements & CookiePolicy) => GuardHook;
  /** Lets everybody in and says who it is. A cookie whose session is over makes a stranger; a bad token is refused. */
  readonly optional: (policy?: CookiePolicy) => GuardHook;
}

/** Where session cookies are looked up. */
export interface SessionLookup {
  /** Whose live session this value is. Rejects when that cannot be told. */
  identify(value: string): Promise<KnownSession | undefined>;
}

export interface GuardOptions {
  readonly verifier: Authenticator;
  readonly cookieSessions: SessionLookup;
  readonly checkSameSite: SameSiteCheck;
}

/**
 * With a cookie, every method that can change something must come from a page of one's own (`cross_site`).
 * A request with both a token and a session cookie is refused (RFC 6750 §3.1): two answers to who is asking are none.
 */
export function createGuard(options: GuardOptions, app: FastifyInstance): Guard {
  const { verifier, cookieSessions, checkSameSite } = options;
  const tokens = createBearerGuard(verifier, app);
  const both = createBearerGuard(withSessions(verifier, cookieSessions), app);

  const choose = (
    { cookies = false }: CookiePolicy,
    hookOf: (guard: FastifyGuard) => onRequestHookHandler,
  ): onRequestHookHandler => {
    if (!cookies) return hookOf(tokens);
    const hook = hookOf(both);
    return takesCookies(function guardCookies(request, reply, done) {
      try {
        judgeCookie(request, checkSameSite);
      } catch (error) {
        // Answered here, so that it is a problem document under whatever error handler the app has.
        return answerError(error as ServiceError, request, reply);
      }
      return hook.call(this, request, reply, done);
    });
  };

  return {
    required({ cookies, ...requirements } = {}) {
      return choose({ cookies }, (guard) => guard.required(requirements));
    },
    optional: (policy = {}) => choose(policy, (guard) => guard.optional()),
  };
}

/** What must hold before anybody looks a session up. */
function judgeCookie(request: FastifyRequest, checkSameSite: SameSiteCheck): void {
  if (!hasSessionCookie(request.raw)) return;
  if (request.headers.authorization !== undefined) {
    throw new ServiceError("invalid_request", {
      detail: "Send a bearer token or a session cookie, not both.",
    });
  }
  if (!isSafe(request)) checkSameSite(request);
}

/** An authenticator that looks sessions up, and asks `verifier` where there is no session cookie. */
function withSessions(verifier: Authenticator, cookieSessions: SessionLookup): Authenticator {
  async function identify(value: string, credentials: Credentials) {
    const grant = await cookieSessions.identify(value);
    // Whose session is over is a stranger.
    return grant === undefined ? verifier.authenticate(credentials) : identityOfSession(grant);
  }
  return {
    now: verifier.now,
    authenticate(credentials) {
      const carriesLines =
        typeof credentials === "object" &&
        "rawHeaders" in credentials &&
        Array.isArray(credentials.rawHeaders);
      const value = carriesLines ? sessionCookieOf(credentials as { rawHeaders: string[] }) : undefined;
      return value === undefined ? verifier.authenticate(credentials) : identify(value, credentials);
    },
  };
}
