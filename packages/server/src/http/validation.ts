// Judges what comes in against a route's schema: exactly that, with nothing converted, dropped or filled in.
import type { FastifyRequest, FastifySchemaCompiler } from "fastify";
import { Compile } from "typebox/compile";
import type { TSchema } from "typebox";
import { ServiceError } from "../errors.ts";
import { sentenceOf } from "./schema-mistake.ts";

/**
 * The pattern of every text that is stored. PostgreSQL keeps no U+0000 and, like all of UTF-8, no half of a surrogate
 * pair; SQLite keeps either. A text that is fine on one must be fine on the other.
 */
export const storableText = "^[^\\u0000\\p{Cs}]*$";

/** What the parts of a request are called in a sentence. */
const partNames: Readonly<Record<string, string>> = {
  body: "The body",
  querystring: "The query string",
  params: "The path",
  headers: "The headers",
};

/** For `app.setValidatorCompiler`. A refusal is a ServiceError `invalid_request` that names the part, never its value. */
export const strictValidator: FastifySchemaCompiler<unknown> = ({ schema, httpPart = "" }) => {
  const validator = Compile(schema as TSchema);
  return (value: unknown) => {
    if (validator.Check(value)) return { value };
    return { error: new ServiceError("invalid_request", { detail: mistakeOf(value) }) };
  };

  function mistakeOf(value: unknown): string {
    if (httpPart === "body" && value === null) return "The body is missing.";
    const mistakes = validator.Errors(value);
    const [first] = mistakes;
    if (first?.keyword === "pattern" && first.params.pattern === storableText)
      return `"${first.instancePath.slice(1).replaceAll("/", ".")}" must not contain U+0000 or half of a surrogate pair.`;
    return sentenceOf(mistakes, partNames[httpPart] ?? "The request");
  }
};

/** The same, compiled when a request comes: for schemas of our own, which tests ask. */
export const lateValidator: FastifySchemaCompiler<unknown> = (route) => {
  let validate: ReturnType<typeof strictValidator> | undefined;
  return (value: unknown) => (validate ??= strictValidator(route))(value);
};

/**
 * A `preValidation` hook: a body of a type for which the route has no schema would pass unjudged.
 *
 * @throws ServiceError `unsupported_media_type`
 */
export async function insistOnSchema(request: FastifyRequest): Promise<void> {
  const body = request.routeOptions.schema?.body as { readonly content?: object } | undefined;
  if (body?.content === undefined || request.body === undefined) return;
  const [type = ""] = (request.headers["content-type"] ?? "").split(/[ ;]/, 1);
  if (!Object.hasOwn(body.content, type.toLowerCase())) throw new ServiceError("unsupported_media_type");
}

/**
 * The body of a route that needs one: without a content type, none is read and no schema asked.
 *
 * @throws ServiceError `invalid_request`
 */
export function presentBody<Body>({ body }: { readonly body: Body | undefined }): Body {
  if (body === undefined) throw new ServiceError("invalid_request", { detail: "The body is missing." });
  return body;
}
