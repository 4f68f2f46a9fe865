// POST /session and DELETE /session: logging in and out with a cookie.
import type { LoginRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import type { SameSiteCheck } from "../http/same-site.ts";
import { jsonBody } from "../http/schema.ts";
import { clearSessionCookie, sessionCookieOf, setSessionCookie } from "../http/session-cookie.ts";
import { presentBody } from "../http/validation.ts";
import type { CookieSessions } from "../sessions/cookie-sessions.ts";
import type { CookieCarrier } from "./carriers/cookie.ts";
import type { FinishLogin } from "./finish.ts";
import type { PasswordLogin } from "./password.ts";
import { loginBody } from "./schemas.ts";

export interface CookieRoutesOptions {
  readonly passwordLogin: PasswordLogin;
  readonly finishLogin: FinishLogin;
  readonly cookieCarrier: CookieCarrier;
  readonly cookieSessions: Pick<CookieSessions, "logout">;
  readonly checkSameSite: SameSiteCheck;
  readonly devices: Pick<Devices, "together">;
}

/** Both are guarded against foreign pages, which could otherwise log a person in to an account that is not theirs. */
export const cookieRoutes: FastifyPluginAsync<CookieRoutesOptions> = async (app, options) => {
  const { passwordLogin, finishLogin, cookieCarrier, cookieSessions, checkSameSite, devices } = options;
  app.addHook("onRequest", async (request) => checkSameSite(request));
  app.addHook("onSend", noStore);

  app.post<{ Body: LoginRequest | undefined }>(
    "/session",
    {
      config: {
        cookies: true,
        operation: {
          id: "logInWithCookie",
          tag: "Login",
          summary: "Log in with a password, for a session cookie",
          answers: { 204: { description: "Two cookies are set: the session, and that the device is known" } },
          refusals: [
            "refused_by_app",
            "cross_site",
            "invalid_credentials",
            "second_factor_required",
            "email_unverified",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: jsonBody(loginBody) },
    },
    async (request, reply) => {
      const { email, password, device_token: token } = presentBody(request);
      const known = deviceTokensOf(request.raw);
      const attempt = {
        email,
        password,
        deviceTokens: token === undefined ? known : [token, ...known],
        origin: originOf(request),
        requester: requesterOf(request),
      };
      const { carried, deviceToken } = await finishLogin({
        prove: () => passwordLogin.prove(attempt),
        carrier: cookieCarrier(sessionCookieOf(request.raw)),
        carries: "cookie",
        userAgent: request.headers["user-agent"],
        origin: attempt.origin,
      });
      setSessionCookie(reply, carried);
      setDeviceCookie(reply, devices.together(deviceToken, known));
      return reply.code(204).send();
    },
  );

  app.delete(
    "/session",
    {
      config: {
        cookies: true,
        operation: {
          id: "logOutOfCookie",
          tag: "Login",
          summary: "End the session of the cookie, and take the cookie away",
          answers: { 204: { description: "There is no session any more, whether or not there was one" } },
          refusals: ["cross_site"],
        },
      },
    },
    async (request, reply) => {
      const value = sessionCookieOf(request.raw);
      if (value !== undefined) await cookieSessions.logout(value, originOf(request));
      clearSessionCookie(reply);
      return reply.code(204).send();
    },
  );
};
