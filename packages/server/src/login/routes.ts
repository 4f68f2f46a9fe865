// POST /login (JSON and form) and POST /logout.
import type { LoginRequest, LogoutRequest } from "@countersign/client";
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { SignIns } from "./token-logins.ts";
import { originOf } from "../http/origin.ts";
import { loginBody, loginForm, logoutBody, tokenReply } from "../http/schemas.ts";
import { clearSessionCookie, hasSessionCookie } from "../http/session-cookie.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import { presentBody } from "../http/validation.ts";

type LoginForm = { readonly username: string; readonly password: string };

/** `anySession` lets in also a token whose session has ended, so that logging out twice is no error. */
export function signInRoutes(app: FastifyInstance, signIns: SignIns, anySession: onRequestHookHandler): void {
  app.post<{ Body: LoginRequest | LoginForm | undefined }>(
    "/login",
    {
      schema: {
        body: {
          content: {
            "application/json": { schema: loginBody },
            "application/x-www-form-urlencoded": { schema: loginForm },
          },
        },
        response: { 200: tokenReply },
      },
    },
    async (request, reply) => {
      const body = presentBody(request);
      const input = {
        email: "email" in body ? body.email : body.username,
        password: body.password,
        userAgent: request.headers["user-agent"],
      };
      return sendTokens(reply, await signIns.login(input, originOf(request)));
    },
  );

  app.post<{ Body: LogoutRequest | undefined }>(
    "/logout",
    { onRequest: anySession, schema: { body: { content: { "application/json": { schema: logoutBody } } } } },
    async (request, reply) => {
      const { subject = "", sessionId } = request.identity ?? {};
      const { scope = "session" } = request.body ?? {};
      await signIns.logout({ userId: subject, sid: sessionId, scope }, originOf(request));
      if (scope !== "others" && hasSessionCookie(request.raw)) clearSessionCookie(reply);
      return reply.code(204).send();
    },
  );
}
