// What every JSON Schema of a route is built from: strict objects, texts that can be stored, and a tie to the wire type.
import Type, { type Static, type TSchema } from "typebox";
import { storableText } from "./validation.ts";

/** For objects that hold what the schema names and nothing else. */
export const strict = { additionalProperties: false } as const;

/** Longer than any address (254) and any password (4,096 bytes), so that the services name the real limit. */
export const emailText: Type.TString = Type.String({ minLength: 1, maxLength: 1024, pattern: storableText });
export const nameText: Type.TString = Type.String({ minLength: 1, maxLength: 200, pattern: storableText });
/** Never stored, only hashed, so any character will do. */
export const passwordText: Type.TString = Type.String({ minLength: 1, maxLength: 8192 });
export const newPasswordText: Type.TString = Type.String({
  minLength: 1,
  maxLength: 8192,
  description:
    "At least as many characters as the option `passwordMinLength` says, 15 by default: `password_too_short` names the " +
    "number. No common password.",
});
/** A parameter of an OAuth endpoint. */
export const oauthText: Type.TString = Type.String({ minLength: 1, maxLength: 8192 });

/** A JSON object of which the app's own schema says more. */
export const jsonObject: Type.TRecord<"^.*$", Type.TUnknown> = Type.Record(Type.String(), Type.Unknown());

/** How many rows a page of a list may have: 1 to 100. */
export const pageLimitText: Type.TString = Type.String({ pattern: "^([1-9][0-9]?|100)$" });
/** How many it has where nobody says. */
export const defaultPageLimit = 30;

/** Which page of numbered rows, newest first: those before a number. */
export interface NumberedPageQuery {
  readonly before?: string;
  readonly limit?: string;
}

/** The members of its schema. */
export const numberedPage: {
  readonly before: Type.TOptional<Type.TString>;
  readonly limit: Type.TOptional<Type.TString>;
} = {
  before: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,14}$" })),
  limit: Type.Optional(pageLimitText),
};

declare const wire: unique symbol;

/** A schema whose values are of this wire type; the type is known to the compiler alone. */
export type SchemaOf<Wire> = TSchema & { readonly [wire]?: Wire };

/** The same members, whether they may be written to or not. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Name in keyof T]: Plain<T[Name]> }
    : T;

type Same<A, B> = [Plain<A>] extends [Plain<B>] ? ([Plain<B>] extends [Plain<A>] ? unknown : never) : never;

/**
 * Ties a schema to its wire type: `schemaOf<LoginRequest>()(Type.Object({ … }))` compiles only while both describe the
 * same JSON.
 */
export function schemaOf<Wire>(): <Schema extends TSchema>(
  schema: Schema & Same<Static<Schema>, Wire>,
) => SchemaOf<Wire> {
  return (schema) => schema;
}

interface BodyContent {
  readonly content: Readonly<Record<string, { readonly schema: TSchema }>>;
}

/** A body that is taken as JSON alone: a foreign page cannot send that without asking first. */
export function jsonBody(schema: TSchema): BodyContent {
  return { content: { "application/json": { schema } } };
}

/** The same for a body that may be missing; one of length 0 counts as missing. */
export function optionalJsonBody(schema: TSchema): BodyContent {
  return jsonBody(Type.Union([schema, Type.Null()]));
}

/** A body that is taken as a form alone, as the OAuth endpoints have it (RFC 6749 appendix B). */
export function formBody(schema: TSchema): BodyContent {
  return { content: { "application/x-www-form-urlencoded": { schema } } };
}

/** A body that is taken as JSON or as a form, each with its own members. */
export function jsonOrFormBody(json: TSchema, form: TSchema): BodyContent {
  return { content: { ...jsonBody(json).content, ...formBody(form).content } };
}
