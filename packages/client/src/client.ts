// Signs up and in, keeps the tokens, renews them, and attaches the access token to requests.
import { ApiError, NetworkError, NotLoggedInError } from "./errors.ts";
import { memoryStorage, type TokenStorage } from "./token-storage.ts";
import { createTokens } from "./tokens.ts";
import type {
  LoginRequest,
  LogoutRequest,
  LogoutScope,
  ProblemResponse,
  SignupRequest,
  TokenErrorResponse,
  TokenResponse,
  UserResponse,
} from "./wire.ts";

export interface ClientOptions {
  /** Where the server's routes are, e.g. `https://api.example.com`; a path is kept. */
  readonly baseUrl: string;
  /** Where the refresh token is kept. Default: in memory, so that a log-in lasts as long as the client. */
  readonly storage?: TokenStorage;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly nowMs?: () => number;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface Client {
  /** @throws ApiError `email_taken`, `email_invalid`, `password_*` */
  signup(request: SignupRequest): Promise<UserResponse>;
  /** @throws ApiError `invalid_credentials` */
  login(request: LoginRequest): Promise<TokenResponse>;
  /**
   * Ends the session at the server, then forgets the tokens (`others`: ends the others and forgets nothing). Without a
   * login it does nothing.
   *
   * @throws NetworkError, ApiError: then nothing is forgotten, and the session may be alive
   */
  logout(scope?: LogoutScope): Promise<void>;
  /** The account of who is logged in. @throws NotLoggedInError */
  me(): Promise<UserResponse>;
  /**
   * `fetch` with the access token attached, for `baseUrl` alone: a token never goes to another origin. Where the server
   * does not take the token (401 `invalid_token`) it is renewed and the request made once more, unless its body is a
   * stream; a 401 that comes back is final.
   *
   * @throws NotLoggedInError, NetworkError, ApiError if the token had to be renewed and could not be, and `TypeError`
   *   for a URL elsewhere
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * An access token that lives on for a while, for APIs elsewhere; renewed where needed. `undefined` while nobody is
   * logged in.
   *
   * @throws NetworkError, ApiError if it had to be renewed and could not be
   */
  getAccessToken(): Promise<string | undefined>;
}

/** Whoever shares the storage waits as long; the server has by then long given up. */
const renewalTimeoutMs = 10_000;

export function createClient(options: ClientOptions): Client {
  const baseUrl = new URL(options.baseUrl.endsWith("/") ? options.baseUrl : `${options.baseUrl}/`);
  const { storage = memoryStorage(), nowMs = Date.now, random = Math.random } = options;
  const send = options.fetch ?? fetch;
  const tokens = createTokens({ storage, present, nowMs, random });

  async function request(path: string, init: RequestInit): Promise<Response> {
    const url = new URL(path.replace(/^\/+/, ""), baseUrl);
    if (!url.href.startsWith(baseUrl.href)) throw new TypeError(`${path} is not below ${baseUrl.href}`);
    try {
      // A redirect could carry the token elsewhere.
      return await send(url, { ...init, redirect: "error" });
    } catch (cause) {
      throw new NetworkError(cause);
    }
  }

  async function present(refreshToken: string): Promise<TokenResponse | null> {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    const signal = AbortSignal.timeout(renewalTimeoutMs);
    try {
      return await succeed<TokenResponse>(await request("token", { method: "POST", body, signal }));
    } catch (error) {
      // RFC 6749 §5.2: expired, revoked, or not ours.
      if (error instanceof ApiError && error.code === "invalid_grant") return null;
      throw error;
    }
  }

  function requestWith(accessToken: string, path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${accessToken}`);
    return request(path, { ...init, headers });
  }

  async function authorized(path: string, init: RequestInit = {}): Promise<Response> {
    const accessToken = await tokens.current();
    if (accessToken === undefined) throw new NotLoggedInError();
    const response = await requestWith(accessToken, path, init);
    if (!refusesToken(response) || init.body instanceof ReadableStream) return response;
    const another = await tokens.insteadOf(accessToken).catch(() => undefined);
    if (another === undefined) return response;
    await response.body?.cancel();
    return requestWith(another, path, init);
  }

  return {
    async signup(body) {
      return succeed<UserResponse>(await request("signup", jsonPost(body)));
    },
    login: (body) => tokens.logIn(async () => succeed<TokenResponse>(await request("login", jsonPost(body)))),
    async logout(scope = "session") {
      const ask = async (accessToken: string): Promise<boolean> => {
        const response = await requestWith(accessToken, "logout", jsonPost({ scope }));
        if (response.status === 401) return false;
        await refuseFailure(response);
        return true;
      };
      if (scope !== "others") return tokens.logOut(ask);
      const accessToken = await tokens.current();
      if (accessToken !== undefined) await ask(accessToken);
    },
    async me() {
      return succeed<UserResponse>(await authorized("me"));
    },
    fetch: authorized,
    getAccessToken: tokens.current,
  };
}

/** RFC 6750 §3.1: expired, revoked, or under a key that is no more. */
function refusesToken(response: Response): boolean {
  return (
    response.status === 401 && /error="invalid_token"/.test(response.headers.get("www-authenticate") ?? "")
  );
}

function jsonPost(body: SignupRequest | LoginRequest | LogoutRequest): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function succeed<T>(response: Response): Promise<T> {
  await refuseFailure(response);
  try {
    return (await response.json()) as T;
  } catch (cause) {
    // It broke off, or comes from somebody in between.
    throw new NetworkError(cause);
  }
}

async function refuseFailure(response: Response): Promise<void> {
  if (response.ok) return;
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemResponse & TokenErrorResponse>;
  const { error, error_description: description } = problem;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new ApiError(
    response.status,
    error === undefined
      ? problem
      : { code: error, ...(description !== undefined && { detail: description }) },
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
