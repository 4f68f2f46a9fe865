// Finds the one bearer token in what a request carries (RFC 6750 §2.1), or refuses.
import type { IncomingHttpHeaders } from "node:http";
import { AccessError } from "./errors.ts";

/** A Node request, of which only the header lines as they came over the wire are read. */
export interface RawRequest {
  readonly rawHeaders: readonly string[];
}

/** The value of an `Authorization` header, or something that carries the headers of a request. */
export type Credentials = string | undefined | Headers | IncomingHttpHeaders | RawRequest;

/** `Bearer` and the first of the spaces that follow it. */
const prefixLength = 7;

/**
 * The value of `Authorization`; undefined if there is none.
 *
 * Several lines are joined with a comma as RFC 9110 §5.3 says, so that two tokens are refused as malformed:
 * Node's own `headers.authorization` keeps the first and hides the others. Reading the raw lines also spares
 * Node from building the headers object, which costs more than the look-up.
 */
export function authorizationOf(credentials: Credentials): string | undefined {
  if (credentials === undefined || typeof credentials === "string") return credentials;
  // Names in a header record are lower case and its values text, so no client can make it look like the others.
  if (isRawRequest(credentials)) return authorizationLine(credentials.rawHeaders);
  if (isHeaders(credentials)) return credentials.get("authorization") ?? undefined;
  return Object.hasOwn(credentials, "authorization") ? credentials.authorization : undefined;
}

/**
 * The token in an `Authorization` value.
 *
 * The scheme is case-insensitive (RFC 9110 §11.1), one space or more follow (RFC 6750 §2.1: `1*SP`), and then the token
 * alone. What the token consists of is for the verifier to judge, and whether it is one token at all is asked once it has
 * been refused: `assertOneToken`.
 *
 * @throws AccessError `credentials_missing`, `scheme_not_supported`, `credentials_malformed`
 */
export function bearerToken(authorization: unknown): string {
  if (authorization === undefined) throw new AccessError("credentials_missing");
  if (typeof authorization !== "string") throw new AccessError("credentials_malformed");
  if (!authorization.startsWith("Bearer ")) refuseUnlessBearer(authorization);
  let start = prefixLength;
  while (authorization[start] === " ") start += 1;
  if (start === authorization.length) throw new AccessError("credentials_malformed");
  return authorization.slice(start);
}

/**
 * Tells several tokens, in which two readers could disagree, from one that is bad. No token that verifies holds a space
 * or a comma (RFC 6750 §2.1), so this is for those that do not.
 *
 * @throws AccessError `credentials_malformed`
 */
export function assertOneToken(token: string): void {
  if (token.includes(" ") || token.includes(",")) throw new AccessError("credentials_malformed");
}

/** Lets other spellings of the scheme pass and tells another scheme from none at all. */
function refuseUnlessBearer(authorization: string): void {
  if (/^bearer /i.test(authorization)) return;
  const otherScheme =
    /^[!#$%&'*+.^_`|~0-9a-z-]+(?: |$)/i.test(authorization) && !/^bearer$/i.test(authorization);
  throw new AccessError(otherScheme ? "scheme_not_supported" : "credentials_malformed");
}

function isRawRequest(credentials: Headers | IncomingHttpHeaders | RawRequest): credentials is RawRequest {
  return Array.isArray((credentials as RawRequest).rawHeaders);
}

/** By its method and not by `instanceof`, because frameworks bring Headers classes of their own. */
function isHeaders(credentials: Headers | IncomingHttpHeaders | RawRequest): credentials is Headers {
  return typeof (credentials as Headers).get === "function";
}

/** `rawHeaders` holds names and values in turn. */
function authorizationLine(rawHeaders: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== 13 || !isAuthorization(name)) continue;
    const value = rawHeaders[index + 1] ?? "";
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

function isAuthorization(name: string): boolean {
  return name === "authorization" || name === "Authorization" || name.toLowerCase() === "authorization";
}
