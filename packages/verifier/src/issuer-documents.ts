// Fetches JSON documents of the issuer: bounded in time and size, no redirects, HTTPS but for loopback.

/** Why a document could not be had; words for status pages and logs. */
export type IssuerErrorCode =
  | "unreachable"
  | "timed_out"
  | "redirected"
  | "bad_status"
  | "wrong_content_type"
  | "too_large"
  | "not_json"
  | "wrong_issuer"
  | "insecure_url"
  | "invalid_document"
  | "feed_interrupted"
  | "feed_gap";

/** What the issuer did not do as agreed. `code` is all there is to know; the message names the URL's host at most. */
export class IssuerError extends Error {
  override readonly name = "IssuerError";
  readonly code: IssuerErrorCode;

  constructor(code: IssuerErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface DocumentRequest {
  readonly url: string;
  readonly fetch: Fetch;
  readonly maxBytes: number;
  readonly timeoutMs: number;
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
  const timeout = AbortSignal.timeout(timeoutMs);
  const headers: Record<string, string> = { accept: "application/json, application/jwk-set+json" };
  if (etag !== undefined) headers["if-none-match"] = etag;
  try {
    const response = await openIssuer(
      request.fetch,
      url,
      headers,
      AbortSignal.any([timeout, request.signal]),
    );
    const unchanged = response.status === 304 && etag !== undefined;
    if (!unchanged) requireAnswer(response, /^application\/(?:[a-z0-9.-]+\+)?json(?:;|$)/i);
    return {
      content: unchanged ? await discard(response) : parseJson(await readBody(response, maxBytes)),
      etag: response.headers.get("etag") ?? undefined,
      maxAgeSeconds: maxAge(response.headers.get("cache-control")),
    };
  } catch (error) {
    if (error instanceof IssuerError) throw error;
    if (timeout.aborted)
      throw new IssuerError("timed_out", `no answer within ${timeoutMs} ms`, { cause: error });
    throw new IssuerError("unreachable", "the request failed", { cause: error });
  }
}

/** Sends a GET without credentials that follows nothing. */
export async function openIssuer(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(url, {
    headers,
    signal,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  const redirect = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
  if (response.redirected || (redirect && response.status !== 304)) {
    await discard(response);
    throw new IssuerError("redirected", "the issuer answered with a redirect, which is never followed");
  }
  return response;
}

/** @throws IssuerError unless it is a 200 of the right media type */
export function requireAnswer(response: Response, mediaType: RegExp): void {
  if (response.status !== 200) {
    void discard(response);
    throw new IssuerError("bad_status", `the issuer answered ${response.status}`);
  }
  if (!mediaType.test((response.headers.get("content-type") ?? "").replaceAll(" ", ""))) {
    void discard(response);
    throw new IssuerError("wrong_content_type", "the issuer answered in another media type");
  }
}

/**
 * Whether a URL may be asked for what trust rests on: HTTPS, or HTTP where it never leaves this machine.
 *
 * @throws IssuerError `insecure_url`
 */
export function requireSecureUrl(text: string): URL {
  const url = URL.parse(text);
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

async function discard(response: Response): Promise<undefined> {
  await response.body?.cancel().catch(() => undefined);
  return undefined;
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length > maxBytes) throw new IssuerError("too_large", `the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new IssuerError("not_json", "the answer is not JSON", { cause: error });
  }
}

function maxAge(cacheControl: string | null): number | undefined {
  const match = /(?:^|[\s,])max-age="?(\d{1,10})"?(?:$|[\s,;])/i.exec(cacheControl ?? "");
  return match === null ? undefined : Number(match[1]);
}
