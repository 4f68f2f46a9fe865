// Refuses what came by plain HTTP to a server whose name is https: whoever sends secrets in the clear must notice (WB-10).
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { ServiceError } from "../errors.ts";
import { answerError } from "./problems.ts";

/** No scheme that any proxy names. */
const probe = "asked-by-countersign";

/**
 * The hook of routes that people must reach by https. TLS ends at a proxy, so a proxy alone knows how a request came: one
 * that the app trusts (Fastify's `trustProxy`) and that says `X-Forwarded-Proto: http` is believed, anybody else is not.
 *
 * Answered before the body is read and any credential looked at, and always as a problem document. There is no
 * redirect: it would hide from the sender what everybody on the way has already read.
 */
export const refusePlainHttp: onRequestHookHandler = (request, reply, done) => {
  if (!cameByPlainHttp(request)) return done();
  const detail = "Use https, and change the secrets that this request has sent in the clear.";
  answerError(new ServiceError("https_required", { detail }), request, reply);
};

/** Behind a proxy that ends TLS the socket is plain in any case, so only what the proxy says counts. */
function cameByPlainHttp(request: FastifyRequest): boolean {
  // Without a word, or with an empty one, `protocol` is the socket's.
  if (!request.headers["x-forwarded-proto"]) return false;
  return request.protocol.toLowerCase() === "http" && isFromTrustedProxy(request);
}

/** Fastify keeps to itself whom it trusts, so the same request is asked again with a word that no socket has. */
function isFromTrustedProxy(request: FastifyRequest): boolean {
  const asked = Object.create(request, {
    headers: { value: { "x-forwarded-proto": probe } },
  }) as FastifyRequest;
  return (asked.protocol as string) === probe;
}
