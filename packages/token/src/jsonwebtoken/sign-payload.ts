/** The payload of a token to be signed: claims, or a text that is taken as it is. */
import { parseJsonObject } from "../json.ts";
import { systemSeconds } from "../options.ts";
import { JsonWebTokenError } from "./errors.ts";
import { isPlainObject, span } from "./sign-options.ts";
import { endOfSpan } from "./timespan.ts";
import type { SignOptions } from "./types.ts";

const claimOptions = [
  "expiresIn",
  "notBefore",
  "noTimestamp",
  "audience",
  "issuer",
  "subject",
  "jwtid",
] as const;

/** A payload that is no set of claims: signed as it is, without `typ`. */
export function textPayload(payload: unknown, options: SignOptions): string {
  if (payload === undefined) throw new JsonWebTokenError("payload is required");
  const misplaced = claimOptions.filter((name) => options[name] !== undefined);
  if (misplaced.length > 0) {
    throw new JsonWebTokenError(`invalid ${misplaced.join(",")} option for ${typeof payload} payload`);
  }
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString("utf8");
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}

/** Which option becomes which claim. */
const claimsOfOptions = { audience: "aud", issuer: "iss", subject: "sub", jwtid: "jti" } as const;

/** Claims with those that the options add, as JSON. */
export function claimsPayload(payload: object, options: SignOptions): string {
  if (!isPlainObject(payload)) throw new JsonWebTokenError('Expected "payload" to be a plain object.');
  for (const name of ["iat", "exp", "nbf"]) {
    if (Object.hasOwn(payload, name) && !Number.isFinite(payload[name]))
      throw new JsonWebTokenError(`"${name}" should be a number of seconds`);
  }
  const claims = options.mutatePayload === true ? payload : { ...payload };
  assertAbsent(claims, "exp", "expiresIn", options);
  assertAbsent(claims, "nbf", "notBefore", options);
  const timestamp =
    claims["iat"] === undefined || claims["iat"] === 0 ? systemSeconds() : Number(claims["iat"]);
  if (options.noTimestamp === true) delete claims["iat"];
  else claims["iat"] = timestamp;
  if (options.notBefore !== undefined) claims["nbf"] = end("notBefore", options, timestamp);
  if (options.expiresIn !== undefined) claims["exp"] = end("expiresIn", options, timestamp);
  for (const [option, claim] of Object.entries(claimsOfOptions)) {
    const value = options[option as keyof typeof claimsOfOptions];
    if (value === undefined) continue;
    if (claims[claim] !== undefined)
      throw new JsonWebTokenError(
        `Bad "options.${option}" option. The payload already has an "${claim}" property.`,
      );
    claims[claim] = value;
  }
  return writeClaims(claims);
}

function assertAbsent(
  claims: Record<string, unknown>,
  claim: string,
  option: "expiresIn" | "notBefore",
  options: SignOptions,
): void {
  if (claims[claim] !== undefined && options[option] !== undefined) {
    throw new JsonWebTokenError(
      `Bad "options.${option}" option the payload already has an "${claim}" property.`,
    );
  }
}

function end(option: "expiresIn" | "notBefore", options: SignOptions, timestamp: number): number {
  const second = endOfSpan(options[option], timestamp);
  if (second !== undefined) return second;
  throw new JsonWebTokenError(`"${option}" ${span} eg: "1d", "20h", 60`);
}

/** What is signed is what a strict reader would accept: whatever else `toJSON` or a lone surrogate made of the claims. */
function writeClaims(claims: object): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(claims);
  } catch (cause) {
    throw new JsonWebTokenError("payload cannot be written as JSON", cause as Error);
  }
  if (text === undefined || parseJsonObject(Buffer.from(text)) === undefined) {
    throw new JsonWebTokenError("payload is not a JSON object that a strict reader accepts");
  }
  return text;
}
