// POST /email/verification and /email/verify. No GET does anything: what opens links in mail changes nothing.
import type { MailRequest, VerifyRequest } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { presentedOf } from "../accounts/presented.ts";
import { deviceTokensOf } from "../devices/device-cookie.ts";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { localeOf } from "../mail/locale.ts";
import { acceptedReply, mailRequestBody } from "../mail/schemas.ts";
import type { EmailVerification } from "./email-verification.ts";
import { verifyBody, verifyReply } from "./schemas.ts";

export interface EmailVerificationRoutesOptions {
  readonly emailVerification: EmailVerification;
  /** Lets everybody in, and says who is logged in, by token or by cookie. */
  readonly perhapsLoggedIn: onRequestHookHandler;
}

export const emailVerificationRoutes: FastifyPluginAsync<EmailVerificationRoutesOptions> = async (
  app,
  { emailVerification, perhapsLoggedIn },
) => {
  app.addHook("onSend", noStore);

  app.post<{ Body: MailRequest | undefined }>(
    "/email/verification",
    {
      config: {
        operation: {
          id: "requestEmailVerification",
          tag: "Accounts",
          summary: "Have the mail sent again that confirms an address",
          answers: { 202: { description: "The same, whether or not the address has an account to confirm" } },
          refusals: ["email_invalid", "mail_off", "too_many_attempts"],
        },
      },
      schema: { body: jsonBody(mailRequestBody), response: { 202: acceptedReply } },
    },
    async (request, reply) => {
      const { email } = presentBody(request);
      await emailVerification.request(email, localeOf(request.headers["accept-language"]), originOf(request));
      return reply.code(202).send({ status: "accepted" });
    },
  );

  app.post<{ Body: VerifyRequest | undefined }>(
    "/email/verify",
    {
      onRequest: perhapsLoggedIn,
      config: {
        operation: {
          id: "verifyEmail",
          tag: "Accounts",
          summary:
            "Confirm an address, or the one that an account changes to, with what was mailed to it, and with the password, a device token or a session of the " +
            "account; without one of them the account loses its password",
          answers: { 200: { description: "The address is confirmed" } },
          refusals: [
            "code_invalid",
            "proof_needed",
            ["email_taken", 409],
            "invalid_credentials",
            "logged_out",
            "cross_site",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: jsonBody(verifyBody), response: { 200: verifyReply } },
    },
    async (request) => {
      const { password, device_token: deviceToken, ...secret } = presentBody(request);
      const tokens = deviceTokensOf(request.raw);
      const { passwordVoided } = await emailVerification.verify(
        presentedOf(secret),
        {
          session: request.identity === undefined ? undefined : currentUser(request),
          password,
          deviceTokens: deviceToken === undefined ? tokens : [deviceToken, ...tokens],
        },
        originOf(request),
        requesterOf(request),
      );
      return { email_verified: true as const, password_voided: passwordVoided };
    },
  );
};
