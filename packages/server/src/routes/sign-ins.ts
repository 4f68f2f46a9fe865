// POST /login (JSON and form) and POST /logout.
import formBody from "@fastify/formbody";
import type { LoginRequest, LogoutRequest, TokenResponse } from "@countersign/client";
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { SignIns } from "../services/sign-ins.ts";
import { loginBody, loginForm, logoutBody, tokenReply } from "./schemas.ts";

type LoginForm = { readonly username: string; readonly password: string };

/** `anySession` lets in also whose session has ended, so that logging out twice is no error. */
export async function signInRoutes(
  app: FastifyInstance,
  signIns: SignIns,
  anySession: onRequestHookHandler,
): Promise<void> {
  await app.register(formBody);

  app.post<{ Body: LoginRequest | LoginForm }>(
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
      const { body } = request;
      const { accessToken, expiresInSeconds } = await signIns.login({
        email: "email" in body ? body.email : body.username,
        password: body.password,
        device: request.headers["user-agent"],
      });
      const tokens: TokenResponse = {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: expiresInSeconds,
      };
      // RFC 6749 §5.1
      return reply.headers({ "cache-control": "no-store", pragma: "no-cache" }).send(tokens);
    },
  );

  app.post<{ Body: LogoutRequest | undefined }>(
    "/logout",
    {
      onRequest: anySession,
      schema: { body: { content: { "application/json": { schema: logoutBody } } } },
    },
    async (request, reply) => {
      const sid = request.identity?.sessionId;
      if (sid !== undefined) await signIns.logout(sid);
      return reply.code(204).send();
    },
  );
}
