// Requests of verbs that need no login, with cookies where that is said.
import type { ClientOptions } from "./client.ts";
import { createHttp, type Http, readBaseUrl } from "./http.ts";

/** Where the server is; what a client is made with will do. */
export type ServerOptions = Pick<ClientOptions, "baseUrl" | "fetch">;

export function httpOf(
  { baseUrl, fetch: send = fetch }: ServerOptions,
  credentials: "omit" | "include" = "omit",
): Http {
  return createHttp(readBaseUrl(baseUrl), send, credentials);
}
