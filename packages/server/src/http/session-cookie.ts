// The session cookie: how it is set, cleared and read.
import type { FastifyReply } from "fastify";
import { cookieValuesOf, type HeaderLines } from "./cookies.ts";

/** `__Host-` makes browsers insist on Secure and Path=/ and refuse Domain, so that no sister host can plant one. */
const sessionCookieName = "__Host-session";

/** No Max-Age: it ends with the browser, or when the server ends the session. */
const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";

/** `value` is ours, base64url: nothing in it needs quoting (RFC 6265 §4.1.1). */
export function setSessionCookie(reply: FastifyReply, value: string): void {
  reply.header("set-cookie", `${sessionCookieName}=${value}; ${attributes}`);
}

/**
 * Takes this one cookie from the browser; the same attributes, or it would be another cookie. No `Clear-Site-Data`: it
 * would log people out of sister sites and wipe what the origin's own pages keep.
 */
export function clearSessionCookie(reply: FastifyReply): void {
  reply.header("set-cookie", `${sessionCookieName}=; ${attributes}; Max-Age=0`);
}

/** Whether a session cookie came at all, whatever it holds. */
export function hasSessionCookie(request: HeaderLines): boolean {
  return valuesOf(request).length > 0;
}

/** The value of the one session cookie. Two of them, or one of another form than ours, is as good as none. */
export function sessionCookieOf(request: HeaderLines): string | undefined {
  const [value, second] = valuesOf(request);
  return second === undefined && value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

function valuesOf(request: HeaderLines): string[] {
  return cookieValuesOf(request, sessionCookieName);
}
