// POST /login/disown. No GET does anything: what opens links in mail changes nothing.
import type { MailedLink } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { mailedLinkBody } from "../one-time-codes/schemas.ts";
import type { DisownLogin } from "./disowning.ts";

export interface DisowningRoutesOptions {
  readonly disownLogin: DisownLogin;
}

export const disowningRoutes: FastifyPluginAsync<DisowningRoutesOptions> = async (app, { disownLogin }) => {
  app.addHook("onSend", noStore);

  app.post<{ Body: MailedLink | undefined }>(
    "/login/disown",
    {
      config: {
        operation: {
          id: "disownLogin",
          tag: "Login",
          summary:
            "Say with the link of a mail that a login was not one's own: its session ends, no device is known any more, " +
            "and a mail leads to a new password",
          answers: { 204: { description: "The session of that login has ended" } },
          refusals: ["code_invalid", "too_many_attempts"],
        },
      },
      schema: { body: jsonBody(mailedLinkBody) },
    },
    async (request, reply) => {
      await disownLogin(presentBody(request).token, originOf(request));
      return reply.code(204).send();
    },
  );
};
