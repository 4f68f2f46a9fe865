// Judges what comes in against a route's schema: exactly that, with nothing converted, dropped or filled in.
import type { FastifySchemaCompiler } from "fastify";
import { Compile } from "typebox/compile";
import type { TSchema } from "typebox";
import { ServiceError } from "../errors.ts";

/** For `app.setValidatorCompiler`. A refusal is a ServiceError `invalid_request` that names the member, never its value. */
export const strictValidator: FastifySchemaCompiler<unknown> = ({ schema }) => {
  const validator = Compile(schema as TSchema);
  return (value: unknown) => {
    if (validator.Check(value)) return { value };
    const [first] = validator.Errors(value);
    const place =
      first === undefined || first.instancePath === "" ? "the request" : first.instancePath.slice(1);
    const detail = `${place.replaceAll("/", ".")} ${first?.message ?? "is not valid"}.`;
    return { error: new ServiceError("invalid_request", { detail }) };
  };
};
