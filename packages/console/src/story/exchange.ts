// One request and its answer, measured, as the receipt shows it.
import { NetworkError } from "@countersign/client";
import { apiBase } from "../shell/base.ts";

export interface Sent {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the server's base, without a slash. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly json?: Readonly<Record<string, unknown>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Whether the session cookie goes along. A request with a token must not have it. */
  readonly cookie?: "sent" | "set";
}

export interface Answer {
  readonly status: number;
  /** What the body says as JSON; `undefined` where there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly ms: number;
  readonly retryAfterSeconds: number | undefined;
}

/** @throws NetworkError where there is no answer */
export async function exchange(sent: Sent): Promise<Answer> {
  const headers = new Headers();
  if (sent.token !== undefined) headers.set("authorization", `Bearer ${sent.token}`);
  if (sent.json !== undefined) headers.set("content-type", "application/json");
  const body = sent.json === undefined ? formBody(sent) : JSON.stringify(sent.json);
  const sinceMs = performance.now();
  try {
    const response = await fetch(new URL(sent.path, apiBase), {
      method: sent.method,
      headers,
      credentials: sent.cookie === undefined ? "omit" : "same-origin",
      cache: "no-store",
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const ms = performance.now() - sinceMs;
    const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
    return {
      status: response.status,
      body: parse(text),
      ms,
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    };
  } catch (cause) {
    throw new NetworkError(cause);
  }
}

function formBody({ form }: Sent): URLSearchParams | undefined {
  return form === undefined ? undefined : new URLSearchParams(form);
}

function parse(text: string): Answer["body"] {
  try {
    return text === "" ? undefined : (JSON.parse(text) as Answer["body"]);
  } catch {
    return undefined;
  }
}

/** The `code` of a problem document, or the `error` of the token endpoint. */
export function codeOf({ body }: Answer): string {
  const code = body?.["code"] ?? body?.["error"];
  return typeof code === "string" ? code : "unknown";
}
