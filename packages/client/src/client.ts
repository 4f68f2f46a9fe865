// Signs up and in, keeps the access token in memory and attaches it to requests.
import { ApiError, NetworkError, NotLoggedInError } from "./errors.ts";
import type {
  LoginRequest,
  LogoutRequest,
  LogoutScope,
  ProblemResponse,
  SignupRequest,
  TokenResponse,
  UserResponse,
} from "./wire.ts";

export interface ClientOptions {
  /** Where the server's routes are, e.g. `https://api.example.com`; a path is kept. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
}

export interface Client {
  /** @throws ApiError `email_taken`, `email_invalid`, `password_*` */
  signup(request: SignupRequest): Promise<UserResponse>;
  /** @throws ApiError `invalid_credentials` */
  login(request: LoginRequest): Promise<TokenResponse>;
  /** Ends the session at the server, then forgets the tokens. Without a login it does nothing. */
  logout(scope?: LogoutScope): Promise<void>;
  /** The account of who is logged in. @throws NotLoggedInError */
  me(): Promise<UserResponse>;
  /**
   * `fetch` with the access token attached, for `baseUrl` alone: a token never goes to another origin.
   *
   * @throws NotLoggedInError, NetworkError, and `TypeError` for a URL elsewhere
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The access token in use; `undefined` while nobody is logged in. */
  getAccessToken(): string | undefined;
}

export function createClient(options: ClientOptions): Client {
  const baseUrl = new URL(options.baseUrl.endsWith("/") ? options.baseUrl : `${options.baseUrl}/`);
  const send = options.fetch ?? fetch;
  let tokens: TokenResponse | undefined;

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

  async function authorized(path: string, init: RequestInit = {}): Promise<Response> {
    if (tokens === undefined) throw new NotLoggedInError();
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${tokens.access_token}`);
    return request(path, { ...init, headers });
  }

  return {
    async signup(body) {
      return succeed<UserResponse>(await request("signup", jsonPost(body)));
    },
    async login(body) {
      tokens = await succeed<TokenResponse>(await request("login", jsonPost(body)));
      return tokens;
    },
    async logout(scope = "session") {
      if (tokens === undefined) return;
      const response = await authorized("logout", jsonPost({ scope } satisfies LogoutRequest));
      // A token that is refused has nothing left to end.
      if (response.status !== 401) await refuseFailure(response);
      if (scope !== "others") tokens = undefined;
    },
    async me() {
      return succeed<UserResponse>(await authorized("me"));
    },
    fetch: authorized,
    getAccessToken: () => tokens?.access_token,
  };
}

function jsonPost(body: SignupRequest | LoginRequest | LogoutRequest): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function succeed<T>(response: Response): Promise<T> {
  await refuseFailure(response);
  return (await response.json()) as T;
}

async function refuseFailure(response: Response): Promise<void> {
  if (response.ok) return;
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemResponse>;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new ApiError(response.status, problem, Number.isFinite(retryAfter) ? retryAfter : undefined);
}
