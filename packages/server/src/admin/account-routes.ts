// /admin/accounts: finding, making, disabling and removing accounts, their roles and their sessions.
import type {
  AdminAccountRequest,
  AdminAccountsResponse,
  AppMetadataRequest,
  RolesRequest,
  SessionsResponse,
  UnlockResponse,
} from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { requesterOf } from "../http/requester.ts";
import { defaultPageLimit, jsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { acceptedReply } from "../mail/schemas.ts";
import { sessionsReply } from "../sessions/schemas.ts";
import { sessionOf } from "../sessions/session-reply.ts";
import { adminAccountOf } from "./account-reply.ts";
import type { AccountQuery } from "./account-query.ts";
import type { Administration } from "./administration.ts";
import { cursorOf, placeOf } from "./cursor.ts";
import type { AdminGuard } from "./guard.ts";
import { actorOf, describe, describeFresh } from "./route-parts.ts";
import type { Unlock } from "./unlocking.ts";
import {
  accountParams,
  accountReply,
  accountSessionParams,
  appMetadataBody,
  type AccountsQuery,
  accountsQuery,
  accountsReply,
  newAccountBody,
  rolesBody,
  unlockReply,
} from "./schemas.ts";

export interface AdminAccountRoutesOptions {
  readonly administration: Administration;
  readonly unlock: Unlock;
  readonly adminGuard: AdminGuard;
}

type OfAccount = { Params: { id: string } };

export const adminAccountRoutes: FastifyPluginAsync<AdminAccountRoutesOptions> = async (app, options) => {
  const { administration, unlock, adminGuard } = options;
  const { may, mayAfterFreshLogin } = adminGuard;
  app.addHook("onSend", noStore);

  app.get<{ Querystring: AccountsQuery }>(
    "/admin/accounts",
    {
      onRequest: may("users:read"),
      config: describe(
        "listAccounts",
        "Find accounts: newest first, or by the beginning or a part of an address",
        {
          200: { description: "A page of them; `next_cursor` begins the next one" },
        },
      ),
      schema: { querystring: accountsQuery, response: { 200: accountsReply } },
    },
    async ({ query: { cursor, limit = defaultPageLimit, ...wanted } }): Promise<AdminAccountsResponse> => {
      const page = await administration.search({
        query: queryOf(wanted),
        after: cursor === undefined ? undefined : placeOf(cursor),
        limit: Number(limit),
      });
      return {
        accounts: page.accounts.map(adminAccountOf),
        next_cursor: page.end === undefined ? null : cursorOf(page.end),
      };
    },
  );

  app.post<{ Body: AdminAccountRequest | undefined }>(
    "/admin/accounts",
    {
      onRequest: mayAfterFreshLogin("users:write"),
      config: describeFresh(
        "createAccount",
        "Make an account without a password; other roles than those of a sign-up need `roles:write`",
        { 201: { description: "The account" } },
        ["email_invalid", ["email_taken", 409], "roles_invalid", "busy"],
      ),
      schema: { body: jsonBody(newAccountBody), response: { 201: accountReply } },
    },
    async (request, reply) => {
      const account = await administration.create(
        actorOf(request),
        presentBody(request),
        requesterOf(request),
      );
      return reply.code(201).send(adminAccountOf(account));
    },
  );

  app.get<OfAccount>(
    "/admin/accounts/:id",
    {
      onRequest: may("users:read"),
      config: describe("showAccountOf", "Show an account", { 200: { description: "The account" } }, [
        "not_found",
      ]),
      schema: { params: accountParams, response: { 200: accountReply } },
    },
    async ({ params: { id } }) => adminAccountOf(await administration.show(id)),
  );

  app.patch<OfAccount & { Body: AppMetadataRequest | undefined }>(
    "/admin/accounts/:id",
    {
      onRequest: may("users:write"),
      config: describe(
        "changeAppMetadata",
        "Merge a patch (RFC 7396) into what the app keeps with an account, and perhaps refuse its tokens of before",
        { 200: { description: "The account" } },
        ["not_found", "metadata_invalid"],
      ),
      schema: { params: accountParams, body: jsonBody(appMetadataBody), response: { 200: accountReply } },
    },
    async (request) => {
      const { app_metadata: patch, revoke_tokens: revokesTokens = false } = presentBody(request);
      const change = { patch, revokesTokens };
      return adminAccountOf(
        await administration.changeAppMetadata(actorOf(request), request.params.id, change),
      );
    },
  );

  app.delete<OfAccount>(
    "/admin/accounts/:id",
    {
      onRequest: mayAfterFreshLogin("users:write"),
      config: describeFresh(
        "deleteAccountOf",
        "Delete an account and all that is its own; the trail keeps its id",
        { 204: { description: "It is gone" } },
        ["not_found", "last_administrator", "refused_by_app"],
      ),
      schema: { params: accountParams },
    },
    async (request, reply) => {
      await administration.remove(actorOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.post<OfAccount>(
    "/admin/accounts/:id/disable",
    {
      onRequest: mayAfterFreshLogin("users:write"),
      config: describeFresh(
        "disableAccount",
        "Disable an account: all its sessions end, and nobody logs in to it",
        { 200: { description: "The account" } },
        ["not_found", "last_administrator"],
      ),
      schema: { params: accountParams, response: { 200: accountReply } },
    },
    async (request) => adminAccountOf(await administration.disable(actorOf(request), request.params.id)),
  );

  app.post<OfAccount>(
    "/admin/accounts/:id/enable",
    {
      onRequest: may("users:write"),
      config: describe(
        "enableAccount",
        "Enable an account again; what ended stays over",
        { 200: { description: "The account" } },
        ["not_found"],
      ),
      schema: { params: accountParams, response: { 200: accountReply } },
    },
    async (request) => adminAccountOf(await administration.enable(actorOf(request), request.params.id)),
  );

  app.post<OfAccount>(
    "/admin/accounts/:id/unlock",
    {
      onRequest: may("users:write"),
      config: describe(
        "unlockAccount",
        "Forget the wrong passwords at an account, so that unknown devices may try again",
        { 200: { description: "How many there were" } },
        ["not_found"],
      ),
      schema: { params: accountParams, response: { 200: unlockReply } },
    },
    async (request): Promise<UnlockResponse> => ({
      guesses_in_a_row: await unlock(actorOf(request), request.params.id),
    }),
  );

  app.post<OfAccount>(
    "/admin/accounts/:id/reset",
    {
      onRequest: may("users:write"),
      config: describe(
        "sendPasswordReset",
        "Send the owner of an account a mail that leads to a new password",
        { 202: { description: "The mail is on its way" } },
        ["not_found", "account_disabled", "mail_off"],
      ),
      schema: { params: accountParams, response: { 202: acceptedReply } },
    },
    async (request, reply) => {
      await administration.sendReset(actorOf(request), request.params.id);
      return reply.code(202).send({ status: "accepted" });
    },
  );

  app.put<OfAccount & { Body: RolesRequest | undefined }>(
    "/admin/accounts/:id/roles",
    {
      onRequest: mayAfterFreshLogin("roles:write"),
      config: describeFresh(
        "setRoles",
        "Set the roles of an account; its tokens of before are refused within a second",
        { 200: { description: "The account" } },
        ["not_found", "roles_invalid", "last_administrator"],
      ),
      schema: { params: accountParams, body: jsonBody(rolesBody), response: { 200: accountReply } },
    },
    async (request) => {
      const { roles } = presentBody(request);
      return adminAccountOf(await administration.setRoles(actorOf(request), request.params.id, roles));
    },
  );

  app.get<OfAccount>(
    "/admin/accounts/:id/sessions",
    {
      onRequest: may("users:read"),
      config: describe(
        "listSessionsOf",
        "List where an account is logged in, newest first",
        { 200: { description: "The sessions; `current` marks the one that asks" } },
        ["not_found"],
      ),
      schema: { params: accountParams, response: { 200: sessionsReply } },
    },
    async (request): Promise<SessionsResponse> => {
      const { sid } = actorOf(request);
      const sessions = await administration.sessions(request.params.id);
      return { sessions: sessions.map((session) => sessionOf(session, sid)) };
    },
  );

  app.delete<OfAccount>(
    "/admin/accounts/:id/sessions",
    {
      onRequest: may("sessions:write"),
      config: describe(
        "endSessionsOf",
        "End every session of an account, and forget its devices",
        { 204: { description: "They have ended; their tokens are refused everywhere within a second" } },
        ["not_found"],
      ),
      schema: { params: accountParams },
    },
    async (request, reply) => {
      await administration.endSessions(actorOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.delete<{ Params: { id: string; sid: string } }>(
    "/admin/accounts/:id/sessions/:sid",
    {
      onRequest: may("sessions:write"),
      config: describe(
        "endSessionOf",
        "End one session of an account",
        { 204: { description: "It has ended; its tokens are refused everywhere within a second" } },
        ["not_found"],
      ),
      schema: { params: accountSessionParams },
    },
    async (request, reply) => {
      const { id, sid } = request.params;
      await administration.endSession(actorOf(request), id, sid);
      return reply.code(204).send();
    },
  );
};

function queryOf({ email, email_part: part }: Pick<AccountsQuery, "email" | "email_part">): AccountQuery {
  // As addresses are stored: in Unicode's compatibility form, in lower case.
  if (email !== undefined) return { by: "beginning", text: email.normalize("NFKC").toLowerCase() };
  return part === undefined ? { by: "age" } : { by: "part", text: part.normalize("NFKC").toLowerCase() };
}
