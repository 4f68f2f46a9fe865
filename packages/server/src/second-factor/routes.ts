// /me/factors, /me/totp and /me/recovery-codes: the second factors of whoever is logged in.
import type { TotpConfirmation } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { optionalJsonBody } from "../http/schema.ts";
import { askingOf, type Fresh, ofFreshness } from "./fresh.ts";
import type { MyFactors } from "./my-factors.ts";
import { factorsReply, freshBody, recoveryCodesReply, totpConfirmationBody, totpReply } from "./schemas.ts";

export interface FactorRoutesOptions {
  readonly myFactors: MyFactors;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

export const factorRoutes: FastifyPluginAsync<FactorRoutesOptions> = async (app, options) => {
  const { myFactors, loggedIn } = options;
  const mine = { onRequest: loggedIn, onSend: noStore };
  const body = optionalJsonBody(freshBody);

  app.get(
    "/me/factors",
    {
      ...mine,
      config: {
        operation: {
          id: "listFactors",
          tag: "Second factors",
          summary: "Show which second factors the account has",
          answers: { 200: { description: "The kinds of factors, and how many of each" } },
          caller: "person",
          refusals: ["not_found"],
        },
      },
      schema: { response: { 200: factorsReply } },
    },
    async (request) => myFactors.list(currentUser(request).userId),
  );

  app.post<Fresh>(
    "/me/totp",
    {
      ...mine,
      config: {
        operation: {
          id: "beginTotp",
          tag: "Second factors",
          summary: "Get a secret for an authenticator app, which counts once a code of it was given",
          answers: { 200: { description: "The secret, in the three forms that apps take" } },
          caller: "person",
          refusals: [...ofFreshness, "factor_exists"],
        },
      },
      schema: { body, response: { 200: totpReply } },
    },
    async (request) => myFactors.beginTotp(askingOf(request)),
  );

  app.post<{ Body: TotpConfirmation }>(
    "/me/totp/confirm",
    {
      ...mine,
      config: {
        operation: {
          id: "confirmTotp",
          tag: "Second factors",
          summary: "Make the authenticator app count, with its first code",
          answers: { 200: { description: "From now on each login asks for a second factor" } },
          caller: "person",
          refusals: [["second_factor_invalid", 403], "not_found"],
        },
      },
      schema: { body: totpConfirmationBody, response: { 200: recoveryCodesReply } },
    },
    async (request) => {
      const { code } = request.body;
      const codes = await myFactors.confirmTotp(currentUser(request), code, originOf(request));
      return codes === undefined ? {} : { recovery_codes: codes };
    },
  );

  app.delete<Fresh>(
    "/me/totp",
    {
      ...mine,
      config: {
        operation: {
          id: "removeTotp",
          tag: "Second factors",
          summary: "Remove the authenticator app, and with the last factor the recovery codes",
          answers: { 204: { description: "It is gone" } },
          caller: "person",
          refusals: [...ofFreshness, "not_found", "factor_needed"],
        },
      },
      schema: { body },
    },
    async (request, reply) => {
      await myFactors.removeTotp(askingOf(request));
      return reply.code(204).send();
    },
  );

  app.post<Fresh>(
    "/me/recovery-codes",
    {
      ...mine,
      config: {
        operation: {
          id: "renewRecoveryCodes",
          tag: "Second factors",
          summary: "Get ten new recovery codes in the place of the old ones",
          answers: { 200: { description: "The codes, shown this once" } },
          caller: "person",
          refusals: [...ofFreshness, "not_found"],
        },
      },
      schema: { body, response: { 200: recoveryCodesReply } },
    },
    async (request) => ({ recovery_codes: await myFactors.renewCodes(askingOf(request)) }),
  );
};
