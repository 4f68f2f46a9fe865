// Form bodies (WHATWG URL §5.1), read strictly: UTF-8 alone, also where it is percent-encoded, and no field twice.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";
import { textOf } from "./body-text.ts";
import { decodeFormText } from "./form-encoding.ts";

/** A content type parser: the fields as an object without a prototype. An empty body is no body. */
export async function parseForm(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  const fields = Object.create(null) as Record<string, string>;
  for (const pair of textOf(request, bytes).split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? "" : decode(pair.slice(equals + 1));
    // RFC 6749 §3.1: parameters must not be included more than once.
    if (Object.hasOwn(fields, name))
      throw new ServiceError("invalid_request", { detail: "A field of the form stands there twice." });
    fields[name] = value;
  }
  return fields;
}

function decode(text: string): string {
  const decoded = decodeFormText(text);
  if (decoded === undefined)
    throw new ServiceError("invalid_request", { detail: "The form is not percent-encoded UTF-8." });
  return decoded;
}
