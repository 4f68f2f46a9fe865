// Requests below the base URL, and what their answers mean.
import {
  ApiError,
  InvalidResponseError,
  NetworkError,
  RedirectError,
  SecondFactorRequiredError,
} from "./errors.ts";
import type { ProblemResponse, SecondFactorProblem, TokenErrorResponse } from "./wire.ts";

/** `fetch` for paths below the base URL. */
export type Http = (path: string, init: RequestInit) => Promise<Response>;

/** @throws TypeError unless it can be the start of every URL */
export function readBaseUrl(text: unknown): URL {
  if (typeof text === "string" && /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/i.test(text) && URL.canParse(text))
    return new URL(text.endsWith("/") ? text : `${text}/`);
  throw new TypeError("baseUrl must be an http(s) URL without query, fragment or user.");
}

/** What no request says otherwise of, it is sent with `credentials`. */
export function createHttp(baseUrl: URL, send: typeof fetch, credentials: "omit" | "include"): Http {
  return async (path, init) => {
    const url = new URL(path.replace(/^\/+/, ""), baseUrl);
    if (!url.href.startsWith(baseUrl.href)) throw new TypeError(`${path} is not below ${baseUrl.href}`);
    // Wrong arguments are a TypeError here; what `fetch` throws afterwards is the network's fault.
    void new Request(url, { ...init, body: (init.body && "") ?? null });
    let response: Response;
    try {
      response = await send(url, { credentials, ...init, redirect: "manual" });
    } catch (cause) {
      if (init.signal?.aborted === true) throw init.signal.reason;
      throw new NetworkError(cause);
    }
    // Browsers keep to themselves where it leads.
    const { type, status, headers } = response;
    if (type === "opaqueredirect" || (status >= 300 && status < 400 && headers.has("location"))) {
      await response.body?.cancel();
      throw new RedirectError(path);
    }
    return response;
  };
}

/** With a cookie there is no token to attach. */
export function attach(accessToken: string, init?: RequestInit["headers"]): Headers {
  const headers = new Headers(init);
  if (accessToken !== "") headers.set("authorization", `Bearer ${accessToken}`);
  return headers;
}

export function jsonPost(body: object, init: RequestInit = {}): RequestInit {
  const headers = { "content-type": "application/json" };
  return { ...init, method: "POST", headers, body: JSON.stringify(body) };
}

/** The JSON object of a success. @throws ApiError, InvalidResponseError, NetworkError */
export async function succeed<T>(response: Response): Promise<Partial<T>> {
  await refuseFailure(response);
  try {
    const value: unknown = await response.json();
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    // It broke off.
    if (!(cause instanceof SyntaxError)) throw new NetworkError(cause);
  }
  throw new InvalidResponseError(response.status);
}

/** @throws ApiError unless the answer is a success */
export async function refuseFailure(response: Response): Promise<void> {
  if (response.ok) return;
  const body: unknown = await response.json().catch(() => undefined);
  const problem = (body ?? {}) as Partial<SecondFactorProblem & TokenErrorResponse>;
  const { error, error_description: detail, login_challenge: challenge, factors } = problem;
  if (problem.code === "second_factor_required" && challenge !== undefined)
    throw new SecondFactorRequiredError(problem, challenge, factors ?? []);
  const said = error === undefined ? problem : ({ code: error, detail } as Partial<ProblemResponse>);
  const retryAfter = response.headers.get("retry-after");
  // RFC 9110 §10.2.3 allows a date, too, of a clock that need not be this device's.
  throw new ApiError(response.status, said, /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined);
}
