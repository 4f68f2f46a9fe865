// POST /login/factor: the second half of a login, answered as its first half would have been.
import type { FactorRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import type { SameSiteCheck } from "../http/same-site.ts";
import { jsonBody } from "../http/schema.ts";
import { sessionCookieOf, setSessionCookie } from "../http/session-cookie.ts";
import { presentBody } from "../http/validation.ts";
import type { CookieCarrier } from "../login/carriers/cookie.ts";
import type { Carrier, FinishLogin } from "../login/finish.ts";
import { tokenReply } from "../tokens/schemas.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import type { Tokens } from "../tokens/tokens.ts";
import { factorBody } from "./schemas.ts";
import type { SecondFactors } from "./second-factor.ts";

export interface FactorLoginRoutesOptions {
  readonly secondFactors: Pick<SecondFactors, "open" | "prove">;
  readonly finishLogin: FinishLogin;
  readonly tokenCarrier: Carrier<Tokens>;
  readonly cookieCarrier: CookieCarrier;
  readonly checkSameSite: SameSiteCheck;
  readonly devices: Pick<Devices, "together">;
}

export const factorLoginRoutes: FastifyPluginAsync<FactorLoginRoutesOptions> = async (app, options) => {
  const { secondFactors, finishLogin, tokenCarrier, cookieCarrier, checkSameSite, devices } = options;
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
      const attempt = {
        prove: () => secondFactors.prove(half, body, originOf(request)),
        carries: half.carries,
        userAgent: request.headers["user-agent"],
        origin: originOf(request),
      };
      if (half.carries === "token") {
        const { carried, deviceToken } = await finishLogin({ ...attempt, carrier: tokenCarrier });
        return sendTokens(reply, carried, deviceToken);
      }
      // A foreign page could otherwise log a person in to an account that is not theirs.
      checkSameSite(request);
      const carrier = cookieCarrier(sessionCookieOf(request.raw));
      const { carried, deviceToken } = await finishLogin({ ...attempt, carrier });
      setSessionCookie(reply, carried);
      setDeviceCookie(reply, devices.together(deviceToken, deviceTokensOf(request.raw)));
      return reply.code(204).send();
    },
  );
};
