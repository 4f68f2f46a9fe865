// Fetches JSON documents of the issuer: bounded in time and size, no redirects, HTTPS but for loopback.
import { startDeadline } from "./deadline.ts";
import type { Deadline } from "./deadline.ts";
import { chunksOf, discardBody } from "./response-body.ts";

/** Why a document could not be had; words for status pages and logs. */
export type IssuerErrorCode =
  | "unreachable"
  | "timed_out"
  | "redirected"
  | "bad_status"
  /** 401 or 403: the issuer does not take these `feedCredentials`, or wants some. */
  | "not_admitted"
  /** 429 or 503: the issuer has no place or no time at the moment. */
  | "busy"
  | "wrong_content_type"
  | "too_large"
  | "not_json"
  | "wrong_issuer"
  | "insecure_url"
  | "invalid_document"
  | "feed_interrupted"
  | "feed_gap"
  /** A list older than what is known here: from a cache, or from an instance that is behind. */
  | "outdated_list"
  /** More entries than a verifier keeps; what it knows already stays. */
  | "too_many_revocations";

/** What the issuer did not do as agreed. `code` is all there is to know; the message names the URL's host at most. */
export class IssuerError extends Error {
  override readonly name = "IssuerError";
  readonly code: IssuerErrorCode;
  /** What the issuer asks to wait before the next attempt (`Retry-After`), in seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: IssuerErrorCode,
    detail: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(detail, options);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface DocumentRequest {
  readonly url: string;
  readonly fetch: Fetch;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Sent as they are. `accept` is JSON by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The `ETag` of what we have; a 304 then answers "unchanged". */
  readonly etag?: string | undefined;
  /** Ends the request when the verifier is closed. */
  readonly signal: AbortSignal;
}

export interface IssuerDocument {
  /** undefined: what we have under `etag` is still right. */
  readonly content: unknown;
  readonly etag: string | undefined;
  /** `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1) in seconds. */
  readonly maxAgeSeconds: number | undefined;
  /** How long a cache has kept it (`Age`, RFC 9111 §5.1), in seconds. */
  readonly ageSeconds: number;
}

/**
 * Fetches one JSON document.
 *
 * The time limit covers connection, headers and body; the size limit is judged while reading, whatever
 * `Content-Length` says.
 *
 * @throws IssuerError
 */
export async function fetchDocument(request: DocumentRequest): Promise<IssuerDocument> {
  const { url, maxBytes, timeoutMs, etag } = request;
  const deadline = startDeadline(timeoutMs, request.signal);
  const headers: Record<string, string> = { accept: "application/json", ...request.headers };
  if (etag !== undefined) headers["if-none-match"] = etag;
  try {
    const response = await openIssuer(request.fetch, url, headers, deadline);
    const unchanged = response.status === 304 && etag !== undefined;
    if (!unchanged) requireAnswer(response, /^application\/(?:[a-z0-9.-]+\+)?json(?:;|$)/i);
    return {
      content: unchanged ? undefined : parseJson(await readBody(response, maxBytes, deadline)),
      etag: response.headers.get("etag") ?? undefined,
      maxAgeSeconds: maxAge(response.headers.get("cache-control")),
      ageSeconds: secondsOf(response.headers.get("age")) ?? 0,
    };
  } catch (error) {
    if (error instanceof IssuerError) throw error;
    if (deadline.isOver())
      throw new IssuerError("timed_out", `no answer within ${timeoutMs} ms`, { cause: error });
    throw new IssuerError("unreachable", "the request failed", { cause: error });
  } finally {
    deadline.end();
  }
}

/**
 * Sends a GET that follows no redirect. Of the members of a request only those that every `fetch` knows: there are
 * runtimes that refuse `credentials` or `cache`, and none of theirs sends cookies by itself.
 */
export async function openIssuer(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  deadline: Deadline,
): Promise<Response> {
  const { signal } = deadline;
  const response = await deadline.race(fetch(url, { headers, signal, redirect: "manual" }));
  const redirect = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
  if (response.redirected || (redirect && response.status !== 304)) {
    discardBody(response);
    throw new IssuerError("redirected", "the issuer answered with a redirect, which is never followed");
  }
  return response;
}

/** @throws IssuerError unless it is a 200 of the right media type */
export function requireAnswer(response: Response, mediaType: RegExp): void {
  const { status } = response;
  if (status !== 200) {
    discardBody(response);
    const code =
      status === 401 || status === 403
        ? "not_admitted"
        : status === 429 || status === 503
          ? "busy"
          : "bad_status";
    throw new IssuerError(code, `the issuer answered ${status}`, {
      retryAfterSeconds: secondsOf(response.headers.get("retry-after")),
    });
  }
  if (!mediaType.test((response.headers.get("content-type") ?? "").replaceAll(" ", ""))) {
    discardBody(response);
    throw new IssuerError("wrong_content_type", "the issuer answered in another media type");
  }
}

/**
 * Whether a URL may be asked for what trust rests on: HTTPS, or HTTP where it never leaves this machine.
 *
 * @throws IssuerError `insecure_url`
 */
export function requireSecureUrl(text: string): URL {
  const url = urlOf(text);
  const loopback = url !== null && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && loopback);
  if (url === null || !secure || url.username !== "" || url.password !== "") {
    throw new IssuerError(
      "insecure_url",
      "the URL must be https (http on loopback only) and carry no credentials",
    );
  }
  return url;
}

/** Not `URL.parse`, which is too new for some runtimes. */
function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

async function readBody(response: Response, maxBytes: number, deadline: Deadline): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for await (const chunk of chunksOf(response, deadline)) {
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length > maxBytes) throw new IssuerError("too_large", `the answer is longer than ${maxBytes} bytes`);
    text += decodePart(decoder, chunk);
  }
  return text + decodePart(decoder);
}

function decodePart(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw new IssuerError("not_json", "the answer is not UTF-8", { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new IssuerError("not_json", "the answer is not JSON", { cause: error });
  }
}

function maxAge(cacheControl: string | null): number | undefined {
  return secondsOf(/(?:^|[\s,])max-age="?(\d{1,10})"?(?:$|[\s,;])/i.exec(cacheControl ?? "")?.[1]);
}

/** A header that counts seconds. A date, as `Retry-After` may be, counts as none. */
function secondsOf(value: string | null | undefined): number | undefined {
  return /^\d{1,10}$/.test(value ?? "") ? Number(value) : undefined;
}
