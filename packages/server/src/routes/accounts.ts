// POST /signup and GET /me.
import type { SignupRequest, UserResponse } from "@countersign/client";
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Accounts } from "../services/accounts.ts";
import { signupBody, userReply } from "./schemas.ts";

type Account = Awaited<ReturnType<Accounts["get"]>>;

export function accountRoutes(
  app: FastifyInstance,
  accounts: Accounts,
  required: onRequestHookHandler,
): void {
  app.post<{ Body: SignupRequest }>(
    "/signup",
    { schema: { body: signupBody, response: { 201: userReply } } },
    async (request, reply) => {
      const { email, password, name } = request.body;
      const account = await accounts.signup({ email, password, name });
      return reply.code(201).send(userOf(account));
    },
  );

  app.get(
    "/me",
    { onRequest: required, schema: { response: { 200: userReply } } },
    async (request, reply) => {
      const account = await accounts.get(request.identity?.subject ?? "");
      return reply.header("cache-control", "no-store").send(userOf(account));
    },
  );
}

function userOf(account: Account): UserResponse {
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    roles: account.roles,
    created_at: new Date(account.createdAtMs).toISOString(),
  };
}
