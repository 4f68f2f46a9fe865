// Who is let in below /admin: by what their roles allow, and with a cookie from the pages of this server alone.
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { ServiceError } from "../errors.ts";
import type { Guard } from "../http/guard.ts";
import { answerError } from "../http/problems.ts";
import type { SameSiteCheck } from "../http/same-site.ts";
import { hasSessionCookie } from "../http/session-cookie.ts";
import type { Permission } from "../settings/permissions.ts";
import type { Permissions } from "./permissions.ts";

/** What cannot be undone, or gives rights, wants a login of the last five minutes (RFC 9470). */
const freshSeconds = 300;

export interface AdminGuard {
  /** The hooks of a route. The service judges once more, by what is true when the change is made. */
  may(permission: Permission): onRequestHookHandler[];
  mayAfterFreshLogin(permission: Permission): onRequestHookHandler[];
}

export interface AdminGuardOptions {
  readonly guard: Pick<Guard, "required">;
  /** Takes the issuer's own origin and no other, whatever `allowedOrigins` says. */
  readonly checkOwnOrigin: SameSiteCheck;
  readonly permissions: Pick<Permissions, "allow">;
}

export function createAdminGuard({ guard, checkOwnOrigin, permissions }: AdminGuardOptions): AdminGuard {
  /** Reading as well as changing: what a page of another origin could read here, it could send elsewhere. */
  const fromOwnPages: onRequestHookHandler = (request, reply, done) => {
    try {
      if (hasSessionCookie(request.raw)) checkOwnOrigin(request);
    } catch (error) {
      return answerError(error as ServiceError, request, reply);
    }
    done();
  };

  const insistOn =
    (permission: Permission): onRequestHookHandler =>
    ({ identity }: FastifyRequest, _reply, done) => {
      if (identity !== undefined && permissions.allow(identity.roles, permission)) return done();
      done(new ServiceError("forbidden", { detail: `This needs the permission ${permission}.` }));
    };

  return {
    may: (permission) => [fromOwnPages, guard.required({ cookies: true }), insistOn(permission)],
    // Who may not at all is told so, and not sent to log in again.
    mayAfterFreshLogin: (permission) => [
      fromOwnPages,
      guard.required({ cookies: true }),
      insistOn(permission),
      guard.required({ cookies: true, maxAuthAgeSeconds: freshSeconds }),
    ],
  };
}
