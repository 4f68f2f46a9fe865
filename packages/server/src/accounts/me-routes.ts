// /me: the account of who is logged in, its password and its sessions.
import type { PasswordRequest, ProfileRequest, SessionResponse } from "@countersign/client";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import { ServiceError } from "../errors.ts";
import type { Accounts } from "./accounts.ts";
import type { SignIns } from "../login/token-logins.ts";
import { originOf } from "../http/origin.ts";
import {
  passwordBody,
  profileBody,
  removalBody,
  sessionParams,
  sessionsReply,
  userReply,
} from "../http/schemas.ts";
import { userOf } from "./account-reply.ts";

export function meRoutes(
  app: FastifyInstance,
  services: { readonly accounts: Accounts; readonly signIns: SignIns },
  required: onRequestHookHandler,
): void {
  const { accounts, signIns } = services;
  app.addHook("onRequest", required);
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.get("/me", { schema: { response: { 200: userReply } } }, async (request) =>
    userOf(await accounts.get(asker(request).userId)),
  );

  app.patch<{ Body: ProfileRequest }>(
    "/me",
    { schema: { body: profileBody, response: { 200: userReply } } },
    async (request) =>
      userOf(await accounts.rename(asker(request).userId, request.body.name, originOf(request))),
  );

  app.delete<{ Body: { current_password: string } }>(
    "/me",
    { schema: { body: removalBody } },
    async (request, reply) => {
      await accounts.remove(asker(request).userId, request.body.current_password, originOf(request));
      return reply.code(204).send();
    },
  );

  app.put<{ Body: PasswordRequest }>(
    "/me/password",
    { schema: { body: passwordBody } },
    async (request, reply) => {
      const { userId, sid: keepSid } = asker(request);
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      await accounts.changePassword({ userId, currentPassword, newPassword, keepSid }, originOf(request));
      return reply.code(204).send();
    },
  );

  app.get("/me/sessions", { schema: { response: { 200: sessionsReply } } }, async (request) => {
    const { userId, sid } = asker(request);
    const sessions = await signIns.sessions(userId);
    return {
      sessions: sessions.map((session): SessionResponse => ({
        id: session.sid,
        kind: session.kind,
        device: session.device.userAgent,
        address: session.device.address,
        created_at: new Date(session.openedAtMs).toISOString(),
        last_used_at: new Date(session.lastUsedAtMs).toISOString(),
        current: session.sid === sid,
      })),
    };
  });

  app.delete<{ Params: { id: string } }>(
    "/me/sessions/:id",
    { schema: { params: sessionParams } },
    async (request, reply) => {
      await signIns.endSession(asker(request).userId, request.params.id, originOf(request));
      return reply.code(204).send();
    },
  );
}

function asker({ identity }: FastifyRequest): { readonly userId: string; readonly sid: string | null } {
  // The guard let nobody through without one; were it missing, that is a refusal.
  if (identity === undefined) throw new ServiceError("internal");
  return { userId: identity.subject, sid: identity.sessionId ?? null };
}
