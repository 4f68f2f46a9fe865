// POST /login/factor: the second half of a login, answered as its first half would have been.
import type { FactorRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import type { AnswerLogin } from "../login/answering.ts";
import { tokenReply } from "../tokens/schemas.ts";
import { factorBody } from "./schemas.ts";
import type { SecondFactors } from "./second-factor.ts";

export interface FactorLoginRoutesOptions {
  readonly secondFactors: Pick<SecondFactors, "open" | "prove">;
  readonly answerLogin: AnswerLogin;
}

export const factorLoginRoutes: FastifyPluginAsync<FactorLoginRoutesOptions> = async (app, options) => {
  const { secondFactors, answerLogin } = options;
  app.addHook("onSend", noStore);

  app.post<{ Body: FactorRequest | undefined }>(
    "/login/factor",
    {
      config: {
        cookies: true,
        operation: {
          id: "logInWithFactor",
          tag: "Login",
          summary: "Finish a login with a second factor",
          answers: {
            200: { description: "The tokens, where the challenge came from `POST /login`" },
            204: { description: "Two cookies are set, as there, where it came from `POST /session`" },
          },
          refusals: [
            "refused_by_app",
            "second_factor_invalid",
            "login_challenge_invalid",
            "invalid_credentials",
            "cross_site",
            "email_unverified",
            "second_factor_locked",
          ],
        },
      },
      schema: { body: jsonBody(factorBody), response: { 200: tokenReply } },
    },
    async (request, reply) => {
      const body = presentBody(request);
      const half = secondFactors.open(body.login_challenge);
      return answerLogin(request, reply, {
        carries: half.carries,
        prove: () => secondFactors.prove(half, body, originOf(request)),
      });
    },
  );
};
