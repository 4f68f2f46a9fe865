// A refusal as a `Response`, for frameworks that are made of them.
import { type AccessError, problemText } from "./errors.ts";

/** `requestId` is as in `problemText`. */
export function refusalResponse(error: AccessError, requestId?: unknown): Response {
  return new Response(problemText(error, requestId), {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/problem+json" },
  });
}
