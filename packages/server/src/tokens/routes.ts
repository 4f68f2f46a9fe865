// The OAuth endpoints: POST /token (RFC 6749), POST /revoke (RFC 7009), POST /introspect (RFC 7662).
import type { IntrospectionResponse, TokenErrorResponse } from "@countersign/client";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { ServiceError, type ServiceErrorCode } from "../errors.ts";
import type { Introspection, TokenInspection } from "./inspection.ts";
import { originOf } from "../http/origin.ts";
import { toServiceError } from "../http/problems.ts";
import { formBody } from "../http/schema.ts";
import type { Renew } from "./renew.ts";
import { type GrantForm, grantForm, type TokenForm, tokenForm, tokenReply } from "./schemas.ts";
import { sendTokens } from "./token-reply.ts";

export interface TokenRoutesOptions {
  readonly renew: Renew;
  readonly inspection: TokenInspection;
}

export const tokenRoutes: FastifyPluginAsync<TokenRoutesOptions> = async (app, options) => {
  const { renew, inspection } = options;
  app.setErrorHandler(answerOauthError);
  app.addHook("onRequest", async (request) => {
    const type = request.headers["content-type"];
    if (type === undefined || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
      throw new ServiceError("invalid_request", {
        detail: "The body must be application/x-www-form-urlencoded.",
      });
    }
  });

  app.post<{ Body: GrantForm }>(
    "/token",
    { schema: { body: formBody(grantForm), response: { 200: tokenReply } } },
    async (request, reply) => {
      const { grant_type: grantType, refresh_token: refreshToken } = request.body;
      // There is no password grant (RFC 9700 §2.4): people log in at /login.
      if (grantType !== "refresh_token") throw new ServiceError("unsupported_grant_type");
      if (refreshToken === undefined)
        throw new ServiceError("invalid_request", { detail: "refresh_token is missing." });
      return sendTokens(reply, await renew(refreshToken, originOf(request)));
    },
  );

  app.post<{ Body: TokenForm }>(
    "/revoke",
    { schema: { body: formBody(tokenForm) } },
    async (request, reply) => {
      await inspection.revoke(request.body.token, originOf(request));
      return reply.code(200).header("cache-control", "no-store").send();
    },
  );

  app.post<{ Body: TokenForm }>(
    "/introspect",
    {
      schema: { body: formBody(tokenForm) },
      // Before the body is looked at: a stranger learns nothing (RFC 7662 §2.1).
      onRequest: async (request) => {
        const caller = basicCredentials(request.headers.authorization);
        if (caller === undefined || !inspection.isCaller(caller.id, caller.secret)) {
          throw new ServiceError("invalid_client");
        }
      },
    },
    async (request, reply) =>
      reply
        .header("cache-control", "no-store")
        .send(introspectionOf(await inspection.introspect(request.body.token))),
  );
};

function introspectionOf(found: Introspection): IntrospectionResponse {
  if (found.kind === "inactive") return { active: false };
  if (found.kind === "access_token") return { ...found.claims, active: true, token_type: "access_token" };
  return {
    active: true,
    token_type: "refresh_token",
    sub: found.subject,
    sid: found.sid,
    client_id: found.clientId,
  };
}

/** RFC 7617, with the characters that RFC 6749 §2.3.1 wants encoded already decoded. */
function basicCredentials(authorization: string | undefined): { id: string; secret: string } | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

const oauthErrors: Partial<Record<ServiceErrorCode, string>> = {
  invalid_grant: "invalid_grant",
  unsupported_grant_type: "unsupported_grant_type",
  invalid_client: "invalid_client",
  // RFC 8628 §3.5, the one registered word for "the same again, but later"; peers each have one of their own.
  too_many_renewals: "slow_down",
  unavailable: "temporarily_unavailable",
  busy: "temporarily_unavailable",
  internal: "server_error",
};

/** RFC 6749 §5.2 in place of a problem document. */
function answerOauthError(
  error: FastifyError | ServiceError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const refusal = toServiceError(error, request);
  const { statusCode, code, message, detail, retryAfterSeconds } = refusal;
  const body: TokenErrorResponse = {
    error: oauthErrors[code] ?? "invalid_request",
    error_description: detail ?? `${message}.`,
  };
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  if (code === "invalid_client")
    reply.header("www-authenticate", 'Basic realm="introspection", charset="UTF-8"');
  reply
    .code(statusCode)
    .headers({ "cache-control": "no-store", pragma: "no-cache" })
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send(body);
}
