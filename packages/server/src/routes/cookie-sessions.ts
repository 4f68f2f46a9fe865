// POST /session and DELETE /session: logging in and out with a cookie.
import type { LoginRequest } from "@countersign/client";
import type { FastifyInstance } from "fastify";
import type { CookieSessions } from "../services/cookie-sessions.ts";
import { originOf } from "./origin.ts";
import type { SameSiteCheck } from "./same-site.ts";
import { loginBody } from "./schemas.ts";
import { clearedSessionCookie, sessionCookie, sessionCookieOf } from "./session-cookie.ts";

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

  app.post<{ Body: LoginRequest }>(
    "/session",
    // JSON alone: a foreign page cannot send that without asking first.
    { schema: { body: { content: { "application/json": { schema: loginBody } } } } },
    async (request, reply) => {
      const input = {
        ...request.body,
        userAgent: request.headers["user-agent"],
        previous: sessionCookieOf(request.raw),
      };
      const value = await cookieSessions.login(input, originOf(request));
      return reply.code(204).header("set-cookie", sessionCookie(value)).send();
    },
  );

  app.delete("/session", async (request, reply) => {
    const value = sessionCookieOf(request.raw);
    if (value !== undefined) await cookieSessions.logout(value, originOf(request));
    return reply
      .code(204)
      .headers({ "set-cookie": clearedSessionCookie, "clear-site-data": '"cookies", "storage"' })
      .send();
  });
}
