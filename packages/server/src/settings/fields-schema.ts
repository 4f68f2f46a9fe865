// The options `metadataSchema` and `appMetadataSchema`: what an app keeps with accounts.
import { codeOnly, type Kind } from "./kinds.ts";
import { isPlainObject } from "./plain-json.ts";
import { unknownTypeIn } from "./schema-types.ts";

/** What Zod, Valibot, ArkType and others make (https://standardschema.dev): as much of it as is asked here. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
  };
}

export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** A JSON Schema of `type: "object"`, or a Standard Schema, whose output is what is kept. */
export type FieldsSchema = StandardSchema | { readonly type: "object"; readonly [keyword: string]: unknown };

export function isStandardSchema(schema: unknown): schema is StandardSchema {
  // Some are functions.
  if ((typeof schema !== "object" && typeof schema !== "function") || schema === null) return false;
  const { "~standard": standard } = schema as { readonly "~standard"?: unknown };
  return (
    typeof standard === "object" &&
    standard !== null &&
    (standard as StandardSchema["~standard"]).version === 1 &&
    typeof (standard as StandardSchema["~standard"]).validate === "function"
  );
}

export const fieldsSchema = (): Kind =>
  codeOnly({
    type: "FieldsSchema",
    typeFrom: "fields-schema.ts",
    range: "a Standard Schema, or a JSON Schema of an object",
    problem(value) {
      if (isStandardSchema(value)) return undefined;
      if (!isPlainObject(value) || value["type"] !== "object")
        return 'must be a Standard Schema (Zod, Valibot, ArkType …) or a JSON Schema with type: "object"';
      const at = unknownTypeIn(value);
      return at === undefined ? undefined : `has a type at ${at} that JSON Schema does not know`;
    },
  });
