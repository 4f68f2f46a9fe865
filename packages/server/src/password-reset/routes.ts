// POST /password/forgotten and /password/reset. No GET does anything: what opens links in mail changes nothing.
import type { MailRequest, PasswordResetRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { presentedOf } from "../accounts/presented.ts";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { passes, type SameSiteCheck } from "../http/same-site.ts";
import { jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { localeOf } from "../mail/locale.ts";
import { acceptedReply, mailRequestBody } from "../mail/schemas.ts";
import type { PasswordReset } from "./password-reset.ts";
import { resetBody, resetReply } from "./schemas.ts";

export interface PasswordResetRoutesOptions {
  readonly passwordReset: PasswordReset;
  readonly devices: Pick<Devices, "issue" | "together">;
  readonly checkSameSite: SameSiteCheck;
}

export const passwordResetRoutes: FastifyPluginAsync<PasswordResetRoutesOptions> = async (app, options) => {
  const { passwordReset, devices, checkSameSite } = options;
  app.addHook("onSend", noStore);

  app.post<{ Body: MailRequest | undefined }>(
    "/password/forgotten",
    {
      config: {
        operation: {
          id: "requestPasswordReset",
          tag: "Accounts",
          summary: "Have a mail sent that leads to a new password",
          answers: { 202: { description: "The same, whether or not the address has an account" } },
          refusals: ["email_invalid", "mail_off", "too_many_attempts"],
        },
      },
      schema: { body: jsonBody(mailRequestBody), response: { 202: acceptedReply } },
    },
    async (request, reply) => {
      const { email } = presentBody(request);
      await passwordReset.forgotten(email, localeOf(request.headers["accept-language"]), originOf(request));
      return reply.code(202).send({ status: "accepted" });
    },
  );

  app.post<{ Body: PasswordResetRequest | undefined }>(
    "/password/reset",
    {
      config: {
        cookies: true,
        operation: {
          id: "resetPassword",
          tag: "Accounts",
          summary: "Set a new password with what was mailed; every session ends, and nobody is logged in",
          answers: {
            200: {
              description:
                "It is set. The device token makes the next login one of a known device; to a page of one's own it is a " +
                "cookie, too",
            },
          },
          refusals: [
            "refused_by_app",
            "code_invalid",
            "password_invalid",
            "password_too_short",
            "password_too_long",
            "password_too_common",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: jsonBody(resetBody), response: { 200: resetReply } },
    },
    async (request, reply) => {
      const body = presentBody(request);
      const account = await passwordReset.reset(
        presentedOf(body),
        body.new_password,
        originOf(request),
        requesterOf(request),
      );
      const deviceToken = devices.issue(account);
      // A page of another site must set no cookie (as of `POST /session`); who sends no cookies needs none.
      if (passes(checkSameSite, request))
        setDeviceCookie(reply, devices.together(deviceToken, deviceTokensOf(request.raw)));
      return { device_token: deviceToken };
    },
  );
};
