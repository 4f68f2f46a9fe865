// POST /signup, and /me: the account of whoever is logged in.
import type { PasswordRequest, ProfileRequest, RemovalRequest, SignupRequest } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { userOf } from "./account-reply.ts";
import type { Accounts } from "./accounts.ts";
import { passwordBody, profileBody, removalBody, signupBody, userReply } from "./schemas.ts";

export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

export const accountRoutes: FastifyPluginAsync<AccountRoutesOptions> = async (app, options) => {
  const { accounts, loggedIn } = options;

  app.post<{ Body: SignupRequest }>(
    "/signup",
    { schema: { body: signupBody, response: { 201: userReply } } },
    async (request, reply) => {
      const { email, password, name } = request.body;
      const account = await accounts.signup({ email, password, name }, originOf(request));
      return reply.code(201).send(userOf(account));
    },
  );

  const mine = { onRequest: loggedIn, onSend: noStore };

  app.get("/me", { ...mine, schema: { response: { 200: userReply } } }, async (request) =>
    userOf(await accounts.get(currentUser(request).userId)),
  );

  app.patch<{ Body: ProfileRequest }>(
    "/me",
    { ...mine, schema: { body: profileBody, response: { 200: userReply } } },
    async (request) => {
      const { userId } = currentUser(request);
      const { name } = request.body;
      if (name === undefined) return userOf(await accounts.get(userId));
      return userOf(await accounts.rename(userId, name, originOf(request)));
    },
  );

  app.delete<{ Body: RemovalRequest }>(
    "/me",
    { ...mine, schema: { body: removalBody } },
    async (request, reply) => {
      const { current_password: password } = request.body;
      await accounts.remove(currentUser(request).userId, password, originOf(request));
      return reply.code(204).send();
    },
  );

  app.put<{ Body: PasswordRequest }>(
    "/me/password",
    { ...mine, schema: { body: passwordBody } },
    async (request, reply) => {
      const { userId, sid: keepSid } = currentUser(request);
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      await accounts.changePassword({ userId, currentPassword, newPassword, keepSid }, originOf(request));
      return reply.code(204).send();
    },
  );
};
