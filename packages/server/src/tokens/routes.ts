// The OAuth endpoints: POST /token (RFC 6749), POST /revoke (RFC 7009), POST /introspect (RFC 7662).
import type { IntrospectionResponse, TokenErrorResponse } from "@countersign/client";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { basicCredentials } from "../http/basic-credentials.ts";
import { firstPartyClientId } from "../sessions/session.ts";
import { refusals, ServiceError, type ServiceErrorCode } from "../errors.ts";
import type { Introspection, TokenInspection } from "./inspection.ts";
import { originOf } from "../http/origin.ts";
import { toServiceError } from "../http/problems.ts";
import { formBody } from "../http/schema.ts";
import type { Renew } from "./renew.ts";
import {
  type GrantForm,
  grantForm,
  introspectionReply,
  type TokenForm,
  tokenForm,
  tokenReply,
} from "./schemas.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { sendTokens } from "./token-reply.ts";

export interface TokenRoutesOptions {
  readonly renew: Renew;
  readonly inspection: TokenInspection;
  readonly throttling: Pick<Throttling, "refusedCaller">;
}

export const tokenRoutes: FastifyPluginAsync<TokenRoutesOptions> = async (app, options) => {
  const { renew, inspection, throttling } = options;

  /** Callers whom `/introspect` knows are never counted, nor kept waiting. */
  async function refuseCaller(request: FastifyRequest): Promise<never> {
    await throttling.refusedCaller(originOf(request));
    throw new ServiceError("invalid_client");
  }

  app.setErrorHandler(answerOauthError);
  app.addHook("onRequest", async (request) => {
    const type = request.headers["content-type"];
    if (type === undefined || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
      throw new ServiceError("invalid_request", {
        detail: "The body must be application/x-www-form-urlencoded.",
      });
    }
  });

  // RFC 6749 §3.1: a parameter without a value counts as left out.
  app.addHook("preValidation", async ({ body }) => {
    if (typeof body !== "object" || body === null) return;
    for (const [name, value] of Object.entries(body)) if (value === "") Reflect.deleteProperty(body, name);
  });

  app.post<{ Body: GrantForm }>(
    "/token",
    {
      config: {
        operation: {
          id: "renewTokens",
          tag: "Tokens",
          summary: "Exchange a refresh token for its successor and a new access token",
          answers: { 200: { description: "The tokens" } },
          errors: "oauth",
          refusals: [
            "refused_by_app",
            "invalid_grant",
            "invalid_scope",
            "unsupported_grant_type",
            "invalid_client",
            "too_many_renewals",
          ],
        },
      },
      schema: { body: formBody(grantForm), response: { 200: tokenReply } },
      // Its clients are public: one that authenticates all the same is not one of ours (RFC 6749 §5.2).
      onRequest: async ({ headers }) => {
        if (/^basic\b/i.test(headers.authorization ?? "")) throw new ServiceError("invalid_client");
      },
    },
    async (request, reply) => {
      const { grant_type: grantType, refresh_token: refreshToken, client_id: clientId, scope } = request.body;
      const isForeign = clientId !== undefined && clientId !== firstPartyClientId;
      if (isForeign || request.body.client_secret !== undefined) throw new ServiceError("invalid_client");
      // There is no password grant (RFC 9700 §2.4): people log in at /login.
      if (grantType !== "refresh_token") throw new ServiceError("unsupported_grant_type");
      if (refreshToken === undefined)
        throw new ServiceError("invalid_request", { detail: "refresh_token is missing." });
      // Nothing was granted that has a scope, so each goes beyond it (RFC 6749 §6).
      if (scope !== undefined) throw new ServiceError("invalid_scope");
      return sendTokens(reply, await renew(refreshToken, originOf(request)));
    },
  );

  app.post<{ Body: TokenForm }>(
    "/revoke",
    {
      config: {
        operation: {
          id: "revokeToken",
          tag: "Tokens",
          summary: "End the session of a token (RFC 7009)",
          answers: { 200: { description: "The token is good for nothing any more, whatever it was" } },
          errors: "oauth",
        },
      },
      schema: { body: formBody(tokenForm) },
    },
    async (request, reply) => {
      await inspection.revoke(request.body.token, originOf(request));
      return reply.code(200).header("cache-control", "no-store").send();
    },
  );

  app.post<{ Body: TokenForm }>(
    "/introspect",
    {
      config: {
        operation: {
          id: "introspectToken",
          tag: "Tokens",
          summary: "Ask whether a token is good (RFC 7662)",
          answers: {
            200: { description: "What it says, or that it is not active", schema: introspectionReply },
          },
          caller: "client",
          errors: "oauth",
          refusals: ["too_many_attempts"],
        },
      },
      schema: { body: formBody(tokenForm) },
      // Before the body is looked at: a stranger learns nothing (RFC 7662 §2.1).
      onRequest: async (request) => {
        const { headers } = request;
        if (headers.authorization === undefined) return;
        const client = basicCredentials(headers.authorization);
        if (client === undefined || !inspection.isCaller(client.id, client.secret))
          await refuseCaller(request);
      },
      preValidation: async (request) => {
        const { headers, body } = request;
        const { client_id: id = "", client_secret: secret = "" } = { ...body };
        if (headers.authorization === undefined) {
          if (!inspection.isCaller(id, secret)) await refuseCaller(request);
        } else if (secret !== "") {
          // RFC 6749 §2.3: one way to authenticate in each request.
          throw new ServiceError("invalid_request", { detail: "Send the client's secret once, not twice." });
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
  if (found.kind === "access_token") return { ...found.claims, active: true, token_type: "Bearer" };
  return {
    active: true,
    sub: found.subject,
    sid: found.sid,
    client_id: found.clientId,
  };
}

const oauthErrors: Partial<Record<ServiceErrorCode, string>> = {
  invalid_grant: "invalid_grant",
  invalid_scope: "invalid_scope",
  unsupported_grant_type: "unsupported_grant_type",
  invalid_client: "invalid_client",
  // RFC 6749 §4.1.2.1, for want of one in §5.2; the session lives on, so it is no invalid grant.
  refused_by_app: "access_denied",
  // RFC 8628 §3.5, the one registered word for "the same again, but later"; peers each have one of their own.
  too_many_renewals: "slow_down",
  too_many_attempts: "slow_down",
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
    reply.header("www-authenticate", 'Basic realm="countersign", charset="UTF-8"');
  reply
    // An app's own status may say to clients what OAuth means otherwise.
    .code(code === "refused_by_app" ? refusals[code].status : statusCode)
    .headers({ "cache-control": "no-store", pragma: "no-cache" })
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send(body);
}
