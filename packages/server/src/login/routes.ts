// POST /login: an email address and a password, as JSON or as a form, for an access and a refresh token.
import type { LoginRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { jsonOrFormBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { tokenReply } from "../tokens/schemas.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import type { Tokens } from "../tokens/tokens.ts";
import type { Carrier, FinishLogin } from "./finish.ts";
import type { PasswordLogin } from "./password.ts";
import { loginBody, type LoginForm, loginForm } from "./schemas.ts";

export interface LoginRoutesOptions {
  readonly passwordLogin: PasswordLogin;
  readonly finishLogin: FinishLogin;
  readonly tokenCarrier: Carrier<Tokens>;
}

export const loginRoutes: FastifyPluginAsync<LoginRoutesOptions> = async (app, options) => {
  const { passwordLogin, finishLogin, tokenCarrier: carrier } = options;

  app.post<{ Body: LoginRequest | LoginForm | undefined }>(
    "/login",
    {
      config: {
        operation: {
          id: "logIn",
          tag: "Login",
          summary: "Log in with a password, for an access token and a refresh token",
          answers: { 200: { description: "The tokens" } },
          refusals: [
            "invalid_credentials",
            "second_factor_required",
            "refused_by_app",
            "email_unverified",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: {
        body: jsonOrFormBody(loginBody, loginForm),
        response: { 200: tokenReply },
      },
    },
    async (request, reply) => {
      const body = presentBody(request);
      const attempt = {
        email: "email" in body ? body.email : body.username,
        password: body.password,
        deviceTokens: body.device_token === undefined ? [] : [body.device_token],
        origin: originOf(request),
        requester: requesterOf(request),
      };
      const { carried, deviceToken } = await finishLogin({
        prove: () => passwordLogin.prove(attempt),
        carrier,
        carries: "token",
        userAgent: request.headers["user-agent"],
        origin: attempt.origin,
      });
      return sendTokens(reply, carried, deviceToken);
    },
  );
};
