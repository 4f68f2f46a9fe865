// Every failure of a route becomes application/problem+json (RFC 9457), and only what we decided to say is said.
import type { ProblemResponse } from "@countersign/client";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { KernelError, ServiceError, type ServiceErrorCode } from "../errors.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Where this server explains its problems: the beginning of each problem's `type`. */
    readonly problemTypes?: string;
  }
}

/** Where `GET /problems/CODE` explains each code, as an absolute URL wherever the server's own is known. */
export function problemTypesOf(baseUrl = ""): string {
  return `${baseUrl}/problems/`;
}

/** What Fastify itself refuses, by its error code; everything else of its 4xx is `invalid_request`. */
const codesOfFastify: Readonly<Record<string, ServiceErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_NOT_FOUND: "not_found",
};

/** An error handler for routes of one's own, too: `app.setErrorHandler(answerError)`. */
export function answerError(
  error: FastifyError | ServiceError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  sendProblem(toServiceError(error, request), request, reply);
}

/** What a thrown value says to the client; what the client may not see goes to the log. */
export function toServiceError(error: FastifyError | ServiceError, request: FastifyRequest): ServiceError {
  const refusal = refusalOf(error);
  // Messages of parsers quote the body, so of refusals nothing is logged but the request's status.
  if (refusal.statusCode >= 500)
    request.log.error({ err: refusal.cause ?? refusal, code: refusal.code }, "request failed");
  return refusal;
}

function refusalOf(error: FastifyError | ServiceError): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof KernelError)
    return new ServiceError(error.isTemporary ? "unavailable" : "internal", { cause: error });
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return new ServiceError("internal", { cause: error });
  return new ServiceError(codesOfFastify[error.code] ?? "invalid_request");
}

/** The problem document of a refusal. `types` is where the codes are explained. */
export function problemOf(refusal: ServiceError, types: string, requestId: string): ProblemResponse {
  const { code, statusCode: status, message: title, detail, members, type } = refusal;
  return {
    ...members,
    type: type ?? types + code,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    request_id: requestId,
  };
}

function sendProblem(refusal: ServiceError, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, retryAfterSeconds } = refusal;
  const types = request.server.problemTypes ?? problemTypesOf();
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  // RFC 9110 §15.5.2: a 401 says how to authenticate.
  if (statusCode === 401 && !reply.hasHeader("www-authenticate"))
    reply.header("www-authenticate", challengeOf(refusal));
  reply
    .code(statusCode)
    .header("cache-control", "no-store")
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(problemOf(refusal, types, request.id));
}

function challengeOf({ stepUp }: ServiceError): string {
  if (stepUp === undefined) return 'Bearer realm="countersign"';
  const parameters = { error: "insufficient_user_authentication", ...stepUp };
  return `Bearer ${Object.entries(parameters)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ")}`;
}
