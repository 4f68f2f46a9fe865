/** What may be said to `sign`, with the messages of jsonwebtoken 9. */
import { JsonWebTokenError } from "./errors.ts";
import type { SignOptions } from "./types.ts";

const isText = (value: unknown): boolean => typeof value === "string";
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isSpan = (value: unknown): boolean => Number.isInteger(value) || (isText(value) && value !== "");

type Rule = readonly [isValid: (value: unknown) => boolean, mustBe: string];

export const span = "should be a number of seconds or string representing a timespan";
const rules: Readonly<Record<keyof SignOptions, Rule>> = {
  expiresIn: [isSpan, span],
  notBefore: [isSpan, span],
  audience: [(value) => isText(value) || Array.isArray(value), "must be a string or array"],
  algorithm: [isText, "must be a valid string enum value"],
  header: [isPlainObject, "must be an object"],
  encoding: [(value) => value === "utf8" || value === "utf-8", "must be utf8"],
  issuer: [isText, "must be a string"],
  subject: [isText, "must be a string"],
  jwtid: [isText, "must be a string"],
  noTimestamp: [isBoolean, "must be a boolean"],
  keyid: [isText, "must be a string"],
  mutatePayload: [isBoolean, "must be a boolean"],
  allowInsecureKeySizes: [isBoolean, "must be a boolean"],
  allowInvalidAsymmetricKeyTypes: [(value) => value === false, "is not supported"],
};

/** @throws JsonWebTokenError for an option that is not known or not of its type. */
export function assertSignOptions(options: SignOptions): void {
  if (!isPlainObject(options)) throw new JsonWebTokenError('Expected "options" to be a plain object.');
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) throw new JsonWebTokenError(`"${name}" is not allowed in "options"`);
    const [isValid, mustBe] = rules[name as keyof SignOptions];
    if (!isValid(value)) throw new JsonWebTokenError(`"${name}" ${mustBe}`);
  }
}

/** Whether a value is an object that was written as one: no array, no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
