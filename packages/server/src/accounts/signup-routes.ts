// POST /signup.
import type { SignupRequest } from "@countersign/client";
import type { FastifyInstance } from "fastify";
import type { Accounts } from "./accounts.ts";
import { originOf } from "../http/origin.ts";
import { signupBody, userReply } from "../http/schemas.ts";
import { userOf } from "./account-reply.ts";

export function signupRoute(app: FastifyInstance, accounts: Accounts): void {
  app.post<{ Body: SignupRequest }>(
    "/signup",
    { schema: { body: signupBody, response: { 201: userReply } } },
    async (request, reply) => {
      const { email, password, name } = request.body;
      const account = await accounts.signup({ email, password, name }, originOf(request));
      return reply.code(201).send(userOf(account));
    },
  );
}
