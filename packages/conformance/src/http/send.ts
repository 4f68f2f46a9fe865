// Sends one request as written: fields in order, names twice if need be, no redirects followed.
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ProbeRequest } from "../attack-case.ts";

const TIMEOUT_MS = 10_000;
/** As much of an answer as is read: enough for a key set, and to see whether it repeats a token. */
const BODY_LIMIT_BYTES = 262_144;

export interface Answer {
  readonly status: number;
  readonly challenge: string;
  /** `Retry-After`, where it is a number. */
  readonly retryAfterSeconds: number | undefined;
  readonly body: string;
}

/**
 * The answer, whatever its status.
 *
 * @throws the socket's error when there is none: closed, reset, timed out.
 */
export async function send(url: URL, { method = "GET", headers, query = {} }: ProbeRequest): Promise<Answer> {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.append(name, value);
  const options = {
    method,
    headers: ["Host", target.host, "Accept", "application/json", ...headers.flat()],
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const start = target.protocol === "https:" ? httpsRequest : httpRequest;
    start(target, options, resolve).on("error", reject).end();
  });
  const retryAfter = Number(response.headers["retry-after"]);
  return {
    status: response.statusCode ?? 0,
    challenge: response.headers["www-authenticate"] ?? "",
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    body: await bodyOf(response),
  };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > BODY_LIMIT_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
