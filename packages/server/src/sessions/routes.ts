// /me/sessions and POST /logout: the sessions of whoever is logged in.
import type { LogoutRequest } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { optionalJsonBody } from "../http/schema.ts";
import { clearSessionCookie, hasSessionCookie } from "../http/session-cookie.ts";
import type { MySessions } from "./my-sessions.ts";
import { sessionOf } from "./session-reply.ts";
import { logoutBody, sessionParams, sessionsReply } from "./schemas.ts";

export interface SessionRoutesOptions {
  readonly mySessions: MySessions;
  readonly devices: Pick<Devices, "without">;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
  /** Lets in also a token whose session has ended, so that logging out twice is no error. */
  readonly loggedInOrOut: onRequestHookHandler;
}

export const sessionRoutes: FastifyPluginAsync<SessionRoutesOptions> = async (app, options) => {
  const { mySessions, devices, loggedIn, loggedInOrOut } = options;

  app.get(
    "/me/sessions",
    {
      onRequest: loggedIn,
      onSend: noStore,
      config: {
        operation: {
          id: "listSessions",
          tag: "Sessions",
          summary: "List where the account is logged in, newest first",
          answers: { 200: { description: "The sessions; `current` marks the one that asks" } },
          caller: "person",
        },
      },
      schema: { response: { 200: sessionsReply } },
    },
    async (request) => {
      const { userId, sid } = currentUser(request);
      const sessions = await mySessions.list(userId);
      return {
        sessions: sessions.map((session) => sessionOf(session, sid)),
      };
    },
  );

  app.delete<{ Params: { id: string } }>(
    "/me/sessions/:id",
    {
      onRequest: loggedIn,
      onSend: noStore,
      config: {
        operation: {
          id: "endSession",
          tag: "Sessions",
          summary: "End one session of the account",
          answers: {
            204: { description: "It has ended; its tokens are refused everywhere within a second" },
          },
          caller: "person",
          refusals: ["not_found"],
        },
      },
      schema: { params: sessionParams },
    },
    async (request, reply) => {
      await mySessions.end(currentUser(request), request.params.id, originOf(request));
      return reply.code(204).send();
    },
  );

  app.post<{ Body: LogoutRequest | null | undefined }>(
    "/logout",
    {
      onRequest: loggedInOrOut,
      // A session that is over may end itself once more, and nothing else.
      preHandler(request, reply, done) {
        if ((request.body?.scope ?? "session") === "session") return done();
        return loggedIn.call(this, request, reply, done);
      },
      config: {
        operation: {
          id: "logOut",
          tag: "Sessions",
          summary: "End this session, all others, or all of the account",
          answers: {
            204: { description: "They have ended; their tokens are refused everywhere within a second" },
          },
          caller: "person",
        },
      },
      schema: { body: optionalJsonBody(logoutBody) },
    },
    async (request, reply) => {
      const asking = currentUser(request);
      const { scope = "session", forget = false } = request.body ?? {};
      if (scope === "session") await mySessions.logout(asking, originOf(request));
      else await mySessions.logoutMany(asking, scope, originOf(request));
      if (scope !== "others" && hasSessionCookie(request.raw)) clearSessionCookie(reply);
      if (forget) setDeviceCookie(reply, devices.without(deviceTokensOf(request.raw), asking.userId));
      return reply.code(204).send();
    },
  );
};
