// The device cookie: by it a browser is known again to the accounts that it was logged in to.
import type { FastifyReply } from "fastify";
import { cookieValuesOf, type HeaderLines } from "../http/cookies.ts";
import { maxAccountsOfBrowser } from "./devices.ts";

/** `__Host-` for the same reason as the session's: no sister host can plant one. */
const deviceCookieName = "__Host-devices";

const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";

/** As long as its newest token. */
const maxAgeSeconds = 180 * 86_400;

/** No token has a dot (RFC 6265 §4.1.1: nothing needs quoting). */
const separator = ".";

/** It outlives the log-out: what the browser was logged in to before is what it says. */
export function setDeviceCookie(reply: FastifyReply, tokens: readonly string[]): void {
  const age = tokens.length === 0 ? 0 : maxAgeSeconds;
  reply.header("set-cookie", `${deviceCookieName}=${tokens.join(separator)}; ${attributes}; Max-Age=${age}`);
}

/** The tokens of the one device cookie. Two of them are as good as none. */
export function deviceTokensOf(request: HeaderLines): readonly string[] {
  const [value, second] = cookieValuesOf(request, deviceCookieName);
  return value === undefined || second !== undefined ? [] : value.split(separator, maxAccountsOfBrowser);
}
