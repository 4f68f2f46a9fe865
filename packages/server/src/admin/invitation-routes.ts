// /admin/invitations: who may make an account.
import type { AdminInvitationsResponse, InvitationRequest } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { defaultPageLimit, jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { localeOf } from "../mail/locale.ts";
import { cursorOf, placeOf } from "./cursor.ts";
import type { AdminGuard } from "./guard.ts";
import { adminInvitationOf } from "./invitation-reply.ts";
import type { Inviting } from "./inviting.ts";
import { actorOf, describe, describeFresh } from "./route-parts.ts";
import {
  accountParams,
  invitationBody,
  invitationReply,
  type InvitationsQuery,
  invitationsQuery,
  invitationsReply,
} from "./schemas.ts";

export interface AdminInvitationRoutesOptions {
  readonly inviting: Inviting;
  readonly adminGuard: AdminGuard;
}

export const adminInvitationRoutes: FastifyPluginAsync<AdminInvitationRoutesOptions> = async (
  app,
  { inviting, adminGuard },
) => {
  const { may, mayAfterFreshLogin } = adminGuard;
  app.addHook("onSend", noStore);

  app.get<{ Querystring: InvitationsQuery }>(
    "/admin/invitations",
    {
      onRequest: may("users:read"),
      config: describe("listInvitations", "Show the invitations that can still be used, newest first", {
        200: { description: "A page of them; `next_cursor` begins the next one" },
      }),
      schema: { querystring: invitationsQuery, response: { 200: invitationsReply } },
    },
    async ({ query: { cursor, limit: text = defaultPageLimit } }): Promise<AdminInvitationsResponse> => {
      const place = cursor === undefined ? undefined : placeOf(cursor);
      const after = place && { sentAtMs: place.createdAtMs, id: place.id };
      const limit = Number(text);
      const found = await inviting.list({ after, limit });
      const last = found.length < limit ? undefined : found.at(-1);
      return {
        invitations: found.map(adminInvitationOf),
        next_cursor:
          last === undefined
            ? null
            : cursorOf({ createdAtMs: last.sentAtMs, id: last.id, emailKey: last.emailKey }),
      };
    },
  );

  app.post<{ Body: InvitationRequest | undefined }>(
    "/admin/invitations",
    {
      onRequest: mayAfterFreshLogin("users:write"),
      config: describeFresh(
        "sendInvitation",
        "Invite somebody by mail to make an account, or once more; other roles than those of a sign-up need `roles:write`",
        { 201: { description: "The invitation; its mail is on its way" } },
        ["email_invalid", ["email_taken", 409], "roles_invalid", "signup_closed", "mail_off"],
      ),
      schema: { body: jsonBody(invitationBody), response: { 201: invitationReply } },
    },
    async (request, reply) => {
      const { locale = localeOf(request.headers["accept-language"]), ...wanted } = presentBody(request);
      const invitation = await inviting.invite(actorOf(request), { ...wanted, locale });
      return reply.code(201).send(adminInvitationOf(invitation));
    },
  );

  app.delete<{ Params: { id: string } }>(
    "/admin/invitations/:id",
    {
      onRequest: may("users:write"),
      config: describe(
        "revokeInvitation",
        "Take an invitation back; its links are dead from then on",
        { 204: { description: "It is gone" } },
        ["not_found"],
      ),
      schema: { params: accountParams },
    },
    async (request, reply) => {
      await inviting.revoke(actorOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
};
