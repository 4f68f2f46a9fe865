// What a login is carried in: tokens, which the client attaches, or a cookie, which the browser
// does.
import { ApiError, InvalidResponseError, NotLoggedInError } from "./errors.ts";
import type { Grant } from "./held-token.ts";
import { type Http, jsonPost, refuseFailure, succeed } from "./http.ts";
import type { LogoutScope, TokenResponse, UserResponse } from "./wire.ts";

export interface Carrier {
  readonly loginPath: string;
  /** Whether an API refuses the login itself, and not what it was asked for. */
  readonly isRefusal: (response: Response) => boolean;
  /** What the answer to a login gave. @throws ApiError, InvalidResponseError, NetworkError */
  readonly accept: (response: Response, signal: AbortSignal) => Promise<[Grant, TokenResponse?]>;
  /** `null`: there is no such session, or no more. */
  readonly present: (refreshToken: string, signal: AbortSignal) => Promise<Grant | null>;
  /** With `forget`, the cookie that says that the device is known goes, too. */
  readonly logoutRequest: (scope: LogoutScope, forget: boolean) => [path: string, init: RequestInit];
}

export function tokenCarrier(http: Http): Carrier {
  return {
    loginPath: "login",
    isRefusal({ status, type, headers }) {
      if (status !== 401) return false;
      const challenge = headers.get("www-authenticate");
      // RFC 6750 §3.1. Across origins the header may be hidden, and a 401 without one means nothing
      // else.
      return challenge === null ? type === "cors" : challenge.includes('error="invalid_token"');
    },
    accept: readTokens,
    async present(refreshToken, signal) {
      const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
      const init = { method: "POST", body, signal };
      try {
        const [grant] = await readTokens(await http("token", init));
        return grant;
      } catch (error) {
        // RFC 6749 §5.2: expired, revoked, or not ours.
        if (error instanceof ApiError && error.code === "invalid_grant") return null;
        throw error;
      }
    },
    logoutRequest: (scope) => ["logout", jsonPost({ scope })],
  };
}

export function cookieCarrier(http: Http): Carrier {
  /** Whose cookie the browser has: only the server can read it. */
  async function present(_: string, signal: AbortSignal): Promise<Grant | null> {
    const response = await http("me", { signal });
    if (response.status === 401) return null;
    const { id } = await succeed<UserResponse>(response);
    if (typeof id !== "string") throw new InvalidResponseError(response.status);
    return { account: id, accessToken: "", refreshToken: "cookie", lifetimeMs: Infinity };
  }

  return {
    present,
    loginPath: "session",
    isRefusal: ({ status }) => status === 401,
    async accept(response, signal) {
      await refuseFailure(response);
      const grant = await present("", signal);
      if (grant !== null) return [grant];
      throw new NotLoggedInError(
        "The browser kept no session cookie. Page and server must be one https site.",
      );
    },
    logoutRequest: (scope, forget) =>
      scope === "session" && !forget
        ? ["session", { method: "DELETE" }]
        : ["logout", jsonPost({ scope, forget })],
  };
}

/**
 * Anything but a token is refused here, so it is never kept and never sent. The account is read, not
 * verified: it tells this client's own logins apart, and opens nothing.
 */
async function readTokens(response: Response): Promise<[Grant, TokenResponse]> {
  const reply = await succeed<TokenResponse>(response);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = reply;
  try {
    const payload = String(accessToken).split(".")[1] ?? "";
    const { sub: account } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as {
      sub?: unknown;
    };
    const lifetimeMs = Number(seconds) * 1000;
    if (accessToken && refreshToken && lifetimeMs > 0 && typeof account === "string")
      return [{ account, accessToken, refreshToken, lifetimeMs }, reply as TokenResponse];
  } catch {
    // It is what the next line says.
  }
  throw new InvalidResponseError(response.status);
}
