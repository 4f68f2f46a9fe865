// Signs up and logs in, keeps the login, and attaches it to requests.
import { cookieCarrier, tokenCarrier } from "./carriers.ts";
import { type Change, createChanges } from "./changes.ts";
import { AccountChangedError, NotLoggedInError, SecondFactorRequiredError } from "./errors.ts";
import { attach, createHttp, jsonPost, readBaseUrl, refuseFailure, succeed } from "./http.ts";
import { createKeeping, deviceOf } from "./kept-login.ts";
import { unlessAborted, within } from "./limits.ts";
import { createLoginState, turnMs } from "./login-state.ts";
import { type ClientStorage, type CookieSession, memoryStorage } from "./storage.ts";
import { listenToTabs } from "./tabs.ts";
import type {
  AcceptedResponse,
  FactorRequest,
  LoginRequest,
  LogoutScope,
  SessionResponse,
  SessionsResponse,
  SignupRequest,
  TokenResponse,
  UserResponse,
} from "./wire.ts";

export interface ClientOptions {
  /** Where the server's routes are, for example `https://api.example.com`; a path is kept. */
  readonly baseUrl: string;
  /** Where the login is kept. Default: in memory, so that it lasts as long as the client. */
  readonly storage?: ClientStorage;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly nowMs?: () => number;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface LogoutOptions {
  /** This session (the default), the account's other ones, or all. */
  readonly scope?: LogoutScope;
  /**
   * Also removes the account's device token, so that the next login is one of an unknown device.
   */
  readonly forget?: boolean;
}

/** `Login`: what a login answers: the tokens, or nothing where a cookie carries it. */
export interface Client<Login = TokenResponse> {
  /**
   * The account; `{ status: "accepted" }` where the server does not tell whether the address had one already
   * (`signupPrivacy`): a mail to it says the rest.
   *
   * @throws ApiError `email_taken`, `email_invalid`, `password_*`
   */
  signup(request: SignupRequest): Promise<UserResponse | AcceptedResponse>;
  /**
   * Logs in, in place of whoever was logged in with this storage.
   *
   * @throws ApiError `invalid_credentials`; SecondFactorRequiredError: go on with `loginWithFactor`
   */
  login(request: LoginRequest): Promise<Login>;
  /** The second half of a login whose account has a second factor. @throws ApiError */
  loginWithFactor(request: FactorRequest): Promise<Login>;
  /**
   * Goes on with the login that the answer to a request gives, in place of the one that asked: a new
   * password (`changePassword` of `@countersign/client/password`) ends every session and answers with
   * another.
   *
   * @throws ApiError, InvalidResponseError, NetworkError
   */
  adopt(response: Response): Promise<Login>;
  /**
   * Logs this device out at once, all its tabs, and then tells the server. With `others` it ends
   * the account's other sessions and this one goes on. Without a login it does nothing.
   *
   * @throws NetworkError, ApiError: the device is logged out, and the session may be alive at the
   *   server; call it again to try again, as long as the page is open
   */
  logout(options?: LogoutScope | LogoutOptions): Promise<void>;
  /**
   * `fetch` with the login attached, for `baseUrl` alone: a token never goes to another origin.
   * Where an API refuses the token it is renewed, and the request made once more if its body can be
   * read again; if not, the 401 comes back.
   *
   * @throws NotLoggedInError, AccountChangedError, NetworkError, RedirectError, ApiError if the
   *   token had to be renewed and could not be, the reason of `init.signal`, and TypeError for a
   *   URL elsewhere
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * An access token that lives on for a while, for APIs elsewhere; renewed where needed.
   * `undefined` while nobody is logged in, and with a cookie, which has none.
   *
   * @throws AccountChangedError, NetworkError, ApiError if it had to be renewed and could not be
   */
  getAccessToken(): Promise<string | undefined>;
  /**
   * Who is logged in, as the server knows them. `undefined` while nobody is. @throws as `fetch`
   * does
   */
  getUser(): Promise<UserResponse | undefined>;
  /**
   * Where the account is logged in. To end one: `fetch("me/sessions/ID", { method: "DELETE" })`.
   * @throws as `fetch` does
   */
  sessions(): Promise<readonly SessionResponse[]>;
  /** Hears of logins and log-outs in all tabs. Returns what ends that. */
  onChange(listener: (change: Change) => void): () => void;
}

/** What a call of the client's own may take: a server that checks many passwords lets some wait. */
const callMs = 30_000;

/** @throws TypeError for options that cannot work */
export function createClient(options: ClientOptions & { readonly storage: CookieSession }): Client<undefined>;
export function createClient(options: ClientOptions): Client;
export function createClient(options: ClientOptions): Client<TokenResponse | undefined> {
  const { storage = memoryStorage(), nowMs = Date.now, random = Math.random } = options;
  const isCookie = "cookie" in storage;
  // With tokens no cookie goes along: a server that gets both asks which of the two is meant (RFC 6750 §3.1).
  const http = createHttp(
    readBaseUrl(options.baseUrl),
    options.fetch ?? fetch,
    isCookie ? "include" : "omit",
  );
  const carrier = isCookie ? cookieCarrier(http) : tokenCarrier(http);
  const { present } = carrier;
  const { name } = storage;
  const changes = createChanges(() => {
    const look = (): void => void state.look().catch(() => undefined);
    look();
    return listenToTabs(name, look);
  });
  const keeping = createKeeping(storage, (cause) => changes.emit({ type: "storage_failed", cause }));
  const state = createLoginState({
    keeping,
    name,
    isCookie,
    present,
    emit: changes.emit,
    nowMs,
    random,
  });
  /** Whose login waits for its second factor. */
  let challenged = { challenge: "", device: "-" };

  /** Goes on with the login that an answer gives. The device is that of `owner`, and of nobody else. */
  async function take(
    answer: (signal: AbortSignal) => Promise<Response>,
    deviceOfOwner = "-",
    owner?: string,
  ): Promise<TokenResponse | undefined> {
    const [grant, reply] = await within(callMs, async (signal) =>
      carrier.accept(await answer(signal), signal),
    );
    const device = owner === undefined || owner === grant.account ? deviceOfOwner : "-";
    await state.logIn(grant, device);
    await keeping.writeDevice(device, reply?.device_token);
    return reply;
  }

  async function logIn(path: string, body: object, device: string): Promise<TokenResponse | undefined> {
    try {
      return await take(async (signal) => http(path, jsonPost(body, { signal })), device);
    } catch (error) {
      if (error instanceof SecondFactorRequiredError)
        challenged = { challenge: error.loginChallenge, device };
      throw error;
    }
  }

  async function authorized(path: string, init: RequestInit = {}): Promise<Response> {
    // Read once: what it is made of may be an iterator.
    const headers = new Headers(init.headers);
    const { signal } = init;
    const request = (accessToken: string): Promise<Response> =>
      http(path, { ...init, headers: attach(accessToken, headers) });
    const accessToken = await unlessAborted(signal, state.current);
    if (accessToken === undefined) throw new NotLoggedInError();
    const response = await request(accessToken);
    if (!carrier.isRefusal(response)) return response;
    const another = await unlessAborted(signal, () => state.insteadOf(accessToken)).catch(
      (error: unknown) => {
        if (signal?.aborted === true || error instanceof AccountChangedError) throw error;
        return undefined;
      },
    );
    if (another === undefined || another === accessToken || !isRepeatable(init.body)) return response;
    await response.body?.cancel();
    const second = await request(another);
    if (carrier.isRefusal(second)) state.giveUpOn(another);
    return second;
  }

  function ask<T>(path: string): Promise<Partial<T>> {
    return within(callMs, async (signal) => {
      const response = await authorized(path, { signal });
      if (response.status === 401 && (await state.look()) === undefined) throw new NotLoggedInError();
      return succeed<T>(response);
    });
  }

  async function askToEnd(scope: LogoutScope, forget: boolean, accessToken: string): Promise<boolean> {
    const [path, init] = carrier.logoutRequest(scope, forget);
    const headers = attach(accessToken, init.headers);
    const response = await within(turnMs, (signal) => http(path, { ...init, headers, signal }));
    if (response.status === 401) return false;
    await refuseFailure(response);
    return true;
  }

  return {
    signup: (body) =>
      // Nobody is logged in by it, so no cookie goes along.
      within(callMs, async (signal) =>
        succeed<UserResponse>(await http("signup", jsonPost(body, { credentials: "omit", signal }))),
      ) as Promise<UserResponse | AcceptedResponse>,
    async login(body) {
      const device = isCookie ? "-" : await deviceOf(body.email);
      return logIn(carrier.loginPath, { device_token: await keeping.readDevice(device), ...body }, device);
    },
    async loginWithFactor(body) {
      const { challenge, device } = challenged;
      return logIn("login/factor", body, challenge === body.login_challenge ? device : "-");
    },
    async adopt(response) {
      const before = await state.look();
      return take(async () => response, before?.device, before?.account);
    },
    async logout(options = {}) {
      const { scope = "session", forget = false } =
        typeof options === "string" ? { scope: options } : options;
      if (scope !== "others")
        return state.logOut((accessToken) => askToEnd(scope, forget, accessToken), forget);
      if ((await state.current()) === undefined) return;
      await refuseFailure(
        await within(callMs, (signal) => authorized("logout", jsonPost({ scope }, { signal }))),
      );
    },
    fetch: authorized,
    async getAccessToken() {
      // Of a cookie there is none.
      return (await state.current()) || undefined;
    },
    async getUser() {
      try {
        return (await ask<UserResponse>("me")) as UserResponse;
      } catch (error) {
        if (error instanceof NotLoggedInError) return undefined;
        throw error;
      }
    },
    async sessions() {
      return (await ask<SessionsResponse>("me/sessions")).sessions ?? [];
    },
    onChange: changes.listen,
  };
}

/**
 * A stream and whatever is iterated can be read once, so a request with such a body cannot be made
 * again.
 */
function isRepeatable(body: RequestInit["body"]): boolean {
  return (
    !body ||
    typeof body === "string" ||
    ArrayBuffer.isView(body) ||
    [ArrayBuffer, Blob, FormData, URLSearchParams].some((type) => body instanceof type)
  );
}
