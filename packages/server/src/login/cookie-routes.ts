// POST /session and DELETE /session: logging in and out with a cookie.
import type { LoginRequest } from "@countersign/client";
import type { FastifyInstance } from "fastify";
import type { CookieSessions } from "./cookie-sessions.ts";
import { originOf } from "../http/origin.ts";
import type { SameSiteCheck } from "../http/same-site.ts";
import { loginBody } from "../http/schemas.ts";
import { clearSessionCookie, sessionCookieOf, setSessionCookie } from "../http/session-cookie.ts";
import { presentBody } from "../http/validation.ts";

/** Both are guarded against foreign pages, which could otherwise log a person in to an account that is not theirs. */
export function cookieSessionRoutes(
  app: FastifyInstance,
  cookieSessions: CookieSessions,
  checkSameSite: SameSiteCheck,
): void {
  app.addHook("onRequest", async (request) => checkSameSite(request));
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.post<{ Body: LoginRequest | undefined }>(
    "/session",
    // JSON alone: a foreign page cannot send that without asking first.
    { schema: { body: { content: { "application/json": { schema: loginBody } } } } },
    async (request, reply) => {
      const input = {
        ...presentBody(request),
        userAgent: request.headers["user-agent"],
        previous: sessionCookieOf(request.raw),
      };
      setSessionCookie(reply, await cookieSessions.login(input, originOf(request)));
      return reply.code(204).send();
    },
  );

  app.delete("/session", async (request, reply) => {
    const value = sessionCookieOf(request.raw);
    if (value !== undefined) await cookieSessions.logout(value, originOf(request));
    clearSessionCookie(reply);
    return reply.code(204).send();
  });
}
