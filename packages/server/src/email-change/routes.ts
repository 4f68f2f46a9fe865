// POST /me/email and /email/undo. The new address is confirmed by POST /email/verify.
import type { EmailChangeRequest, MailedLink } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { acceptedReply } from "../mail/schemas.ts";
import { mailedLinkBody } from "../one-time-codes/schemas.ts";
import type { EmailChange } from "./email-change.ts";
import { emailChangeBody } from "./schemas.ts";

export interface EmailChangeRoutesOptions {
  readonly emailChange: EmailChange;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

export const emailChangeRoutes: FastifyPluginAsync<EmailChangeRoutesOptions> = async (
  app,
  { emailChange, loggedIn },
) => {
  app.addHook("onSend", noStore);

  app.post<{ Body: EmailChangeRequest | undefined }>(
    "/me/email",
    {
      onRequest: loggedIn,
      config: {
        operation: {
          id: "changeEmail",
          tag: "Accounts",
          summary: "Have another address asked to confirm that it is to be the account's",
          answers: { 202: { description: "The same, whether or not the address has an account" } },
          caller: "person",
          refusals: [
            "email_invalid",
            "mail_off",
            ["invalid_credentials", 403],
            "factor_missing",
            "authentication_too_old",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: jsonBody(emailChangeBody), response: { 202: acceptedReply } },
    },
    async (request, reply) => {
      const { new_email: email, current_password: password } = presentBody(request);
      const asking = currentUser(request);
      await emailChange.request(asking, email, password, originOf(request), requesterOf(request));
      return reply.code(202).send({ status: "accepted" });
    },
  );

  app.post<{ Body: MailedLink | undefined }>(
    "/email/undo",
    {
      config: {
        operation: {
          id: "undoEmailChange",
          tag: "Accounts",
          summary:
            "Give the account its earlier address back; its sessions end, and it has no password until one is set by mail",
          answers: { 204: { description: "The address is the account's again" } },
          refusals: ["code_invalid", "too_many_attempts"],
        },
      },
      schema: { body: jsonBody(mailedLinkBody) },
    },
    async (request, reply) => {
      await emailChange.undo(presentBody(request).token, originOf(request));
      return reply.code(204).send();
    },
  );
};
