// POST /login/passkey/options and POST /login/passkey: logging in with a passkey, without address and password.
import type { PasskeyLoginRequest, PasskeyOptionsRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { deviceTokensOf } from "../devices/device-cookie.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { jsonBody, optionalJsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import type { AnswerLogin } from "../login/answering.ts";
import type { SecondFactors } from "../second-factor/second-factor.ts";
import { tokenReply } from "../tokens/schemas.ts";
import type { Passkeys } from "./passkeys.ts";
import { passkeyLoginBody, passkeyOptionsBody, requestOptionsReply } from "./schemas.ts";

export interface PasskeyLoginRoutesOptions {
  readonly passkeys: Pick<Passkeys, "loginOptions" | "factorOptions" | "prove">;
  readonly secondFactors: Pick<SecondFactors, "open">;
  readonly answerLogin: AnswerLogin;
}

export const passkeyLoginRoutes: FastifyPluginAsync<PasskeyLoginRoutesOptions> = async (app, options) => {
  const { passkeys, secondFactors, answerLogin } = options;
  app.addHook("onSend", noStore);

  app.post<{ Body: PasskeyOptionsRequest | null | undefined }>(
    "/login/passkey/options",
    {
      config: {
        operation: {
          id: "beginPasskeyLogin",
          tag: "Passkeys",
          summary: "Get what a browser asks a passkey with, for a login or for its second half",
          answers: { 200: { description: "For the browser's `parseRequestOptionsFromJSON`" } },
          refusals: ["login_challenge_invalid", "not_found"],
        },
      },
      schema: { body: optionalJsonBody(passkeyOptionsBody), response: { 200: requestOptionsReply } },
    },
    async (request) => {
      const challenge = request.body?.login_challenge;
      return challenge === undefined
        ? passkeys.loginOptions()
        : passkeys.factorOptions(secondFactors.open(challenge).userId);
    },
  );

  app.post<{ Body: PasskeyLoginRequest | undefined }>(
    "/login/passkey",
    {
      config: {
        cookies: true,
        operation: {
          id: "logInWithPasskey",
          tag: "Passkeys",
          summary: "Log in with a passkey alone, which counts as two factors",
          answers: {
            200: { description: "The tokens" },
            204: { description: "Where `carrier` is `cookie`: two cookies are set, as by `POST /session`" },
          },
          refusals: ["passkey_invalid", "invalid_credentials", "cross_site"],
        },
      },
      schema: { body: jsonBody(passkeyLoginBody), response: { 200: tokenReply } },
    },
    async (request, reply) => {
      const { response, carrier = "token", device_token: token } = presentBody(request);
      const known = deviceTokensOf(request.raw);
      const deviceTokens = token === undefined ? known : [token, ...known];
      return answerLogin(request, reply, {
        carries: carrier,
        prove: () => passkeys.prove(response, originOf(request), deviceTokens),
      });
    },
  );
};
