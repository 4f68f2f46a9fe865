// POST /signup, and /me: the account of whoever is logged in.
import type {
  PasswordRequest,
  ProfileRequest,
  RemovalRequest,
  SignupRequest,
  UserResponse,
} from "@countersign/client";
import type { FastifyPluginAsync, FastifyRequest, onRequestHookHandler } from "fastify";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import { optionalJsonBody } from "../http/schema.ts";
import { hasSessionCookie, setSessionCookie } from "../http/session-cookie.ts";
import { localeOf } from "../mail/locale.ts";
import { acceptedReply } from "../mail/schemas.ts";
import { hashOfSecret, newCookieSecret } from "../sessions/cookie-sessions.ts";
import type { SuccessorCarrier } from "../sessions/succession.ts";
import { tokenReply } from "../tokens/schemas.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import type { IssueTokens } from "../tokens/tokens.ts";
import type { Account } from "./account.ts";
import { userOf } from "./account-reply.ts";
import type { Accounts } from "./accounts.ts";
import { passwordBody, profileBody, removalBody, signupBody, userReply } from "./schemas.ts";

export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly issueTokens: IssueTokens;
  readonly devices: Pick<Devices, "issue" | "together">;
  /** Whether nobody learns by signing up that an address has an account. */
  readonly signupPrivacy: boolean;
  /** Roles that a session may lack for want of a second factor. */
  readonly rolesWithSecondFactor: ReadonlySet<string>;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

const ofNewPasswords = [
  "password_invalid",
  "password_too_short",
  "password_too_long",
  "password_too_common",
] as const;

export const accountRoutes: FastifyPluginAsync<AccountRoutesOptions> = async (app, options) => {
  const { accounts, issueTokens, devices, signupPrivacy, loggedIn, rolesWithSecondFactor } = options;

  app.post<{ Body: SignupRequest }>(
    "/signup",
    {
      config: {
        operation: {
          id: "signUp",
          tag: "Accounts",
          summary: "Make an account",
          answers: {
            201: { description: "The account; it is not logged in yet" },
            202: {
              description:
                "Where `signupPrivacy` is on: the same, whether or not the address has an account; a mail to it says the rest",
            },
          },
          refusals: [
            ...ofNewPasswords,
            "email_invalid",
            "email_taken",
            "email_not_allowed",
            "signup_closed",
            "invitation_needed",
            "code_invalid",
            "refused_by_app",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: signupBody, response: { 201: userReply, 202: acceptedReply } },
    },
    async (request, reply) => {
      const { email, password, name, invitation } = request.body;
      const locale = localeOf(request.headers["accept-language"]);
      const input = { email, password, name, invitation, locale };
      const [origin, requester] = [originOf(request), requesterOf(request)];
      // Whoever was invited has shown that the address is theirs, and may know what is there.
      if (signupPrivacy && invitation === undefined) {
        await accounts.signupUntold(input, origin, requester);
        return reply.code(202).send({ status: "accepted" });
      }
      return reply.code(201).send(userOf(await accounts.signup(input, origin, requester)));
    },
  );

  const mine = { onRequest: loggedIn, onSend: noStore };
  const ownUserOf = (account: Account, { identity }: FastifyRequest): UserResponse => {
    const isWithheld = (role: string): boolean =>
      rolesWithSecondFactor.has(role) && identity?.roles.includes(role) === false;
    return userOf(account, account.roles.filter(isWithheld));
  };

  app.get(
    "/me",
    {
      ...mine,
      config: {
        operation: {
          id: "showAccount",
          tag: "Accounts",
          summary: "Show the account of whoever asks",
          answers: { 200: { description: "The account" } },
          caller: "person",
          refusals: ["not_found"],
        },
      },
      schema: { response: { 200: userReply } },
    },
    async (request) => ownUserOf(await accounts.get(currentUser(request).userId), request),
  );

  app.patch<{ Body: ProfileRequest }>(
    "/me",
    {
      ...mine,
      config: {
        operation: {
          id: "changeProfile",
          tag: "Accounts",
          summary: "Change the name, or take it away; merge a patch (RFC 7396) into the metadata",
          answers: { 200: { description: "The account as it is now" } },
          caller: "person",
          refusals: ["not_found", "metadata_invalid"],
        },
      },
      schema: { body: profileBody, response: { 200: userReply } },
    },
    async (request) => {
      const asking = currentUser(request);
      const { name, metadata: patch } = request.body;
      if (patch !== undefined)
        return ownUserOf(await accounts.changeMetadata(asking, { patch, name }, originOf(request)), request);
      if (name === undefined) return ownUserOf(await accounts.get(asking.userId), request);
      return ownUserOf(await accounts.rename(asking, name, originOf(request)), request);
    },
  );

  app.delete<{ Body: RemovalRequest | null | undefined }>(
    "/me",
    {
      ...mine,
      config: {
        operation: {
          id: "deleteAccount",
          tag: "Accounts",
          summary: "Delete the account and everything that is its own",
          answers: { 204: { description: "It is gone, and so are its sessions" } },
          caller: "person",
          refusals: [
            "factor_missing",
            "authentication_too_old",
            ["invalid_credentials", 403],
            "last_administrator",
            "refused_by_app",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: optionalJsonBody(removalBody) },
    },
    async (request, reply) => {
      const password = request.body?.current_password;
      await accounts.remove(currentUser(request), password, originOf(request), requesterOf(request));
      return reply.code(204).send();
    },
  );

  app.put<{ Body: PasswordRequest }>(
    "/me/password",
    {
      ...mine,
      config: {
        operation: {
          id: "changePassword",
          tag: "Accounts",
          summary: "Change the password; every session ends, and the one that asks has a successor",
          answers: {
            200: { description: "Tokens of the new session, where a token asked" },
            204: { description: "A new cookie, where a cookie asked" },
          },
          caller: "person",
          refusals: [
            ...ofNewPasswords,
            ["invalid_credentials", 403],
            "refused_by_app",
            "too_many_attempts",
            "busy",
          ],
        },
      },
      schema: { body: passwordBody, response: { 200: tokenReply } },
    },
    async (request, reply) => {
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      const asking = currentUser(request);
      /** The devices of before are known no more: this one is told how it is known now. */
      const change = async (carrier: SuccessorCarrier) => {
        const { deviceEpoch, ...changed } = await accounts.changePassword(
          asking,
          { currentPassword, newPassword, carrier },
          originOf(request),
          requesterOf(request),
        );
        return { ...changed, deviceToken: devices.issue({ userId: asking.userId, deviceEpoch }) };
      };
      // The guard lets nobody in who sends both a cookie and a token.
      if (!hasSessionCookie(request.raw)) {
        const { successor, claims, deviceToken } = await change({ kind: "token" });
        return sendTokens(reply, issueTokens(successor, 0, claims), deviceToken);
      }
      const secret = newCookieSecret();
      const { deviceToken } = await change({ kind: "cookie", secretHash: hashOfSecret(secret) });
      setSessionCookie(reply, secret);
      setDeviceCookie(reply, devices.together(deviceToken, deviceTokensOf(request.raw)));
      return reply.code(204).send();
    },
  );
};
