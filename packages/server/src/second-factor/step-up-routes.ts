// POST /login/step-up: whoever is logged in shows a factor, and goes on in the same session at the level of that.
import type { StepUpRequest } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { jsonBody } from "../http/schema.ts";
import { hasSessionCookie, setSessionCookie } from "../http/session-cookie.ts";
import { presentBody } from "../http/validation.ts";
import { tokenReply } from "../tokens/schemas.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import { stepUpBody } from "./schemas.ts";
import type { StepUps } from "./step-up.ts";

export interface StepUpRoutesOptions {
  readonly stepUps: StepUps;
  /** Lets in whoever is logged in, by token or by cookie; a cookie only from pages of one's own. */
  readonly loggedIn: onRequestHookHandler;
}

export const stepUpRoutes: FastifyPluginAsync<StepUpRoutesOptions> = async (app, { stepUps, loggedIn }) => {
  app.post<{ Body: StepUpRequest | undefined }>(
    "/login/step-up",
    {
      onRequest: loggedIn,
      onSend: noStore,
      config: {
        operation: {
          id: "stepUp",
          tag: "Login",
          summary:
            "Show a factor in a session that lives, which rises to its level once what this gives is used",
          answers: {
            200: { description: "Tokens of the same session, where a token asked" },
            204: { description: "A new cookie of the same session, where a cookie asked" },
          },
          caller: "person",
          refusals: [
            ["invalid_credentials", 403],
            ["second_factor_invalid", 403],
            "second_factor_locked",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: jsonBody(stepUpBody), response: { 200: tokenReply } },
    },
    async (request, reply) => {
      const attempt = {
        by: currentUser(request),
        shown: presentBody(request),
        origin: originOf(request),
        requester: requesterOf(request),
      };
      // The guard lets nobody in who sends both a cookie and a token.
      if (!hasSessionCookie(request.raw)) return sendTokens(reply, await stepUps.raiseTokens(attempt));
      setSessionCookie(reply, await stepUps.raiseCookie(attempt));
      return reply.code(204).send();
    },
  );
};
