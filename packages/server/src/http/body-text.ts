// The bytes of a body as text: UTF-8 to the letter, or a refusal. Nothing is replaced by U+FFFD.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * @throws ServiceError `unsupported_media_type` for another charset than UTF-8
 * @throws ServiceError `invalid_request` for bytes that are not UTF-8
 */
export function textOf(request: FastifyRequest, bytes: Buffer): string {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers["content-type"] ?? "") ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new ServiceError("unsupported_media_type", { detail: "Send the body in UTF-8." });
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ServiceError("invalid_request", { detail: "The body is not valid UTF-8." });
  }
}
