// What a client call can fail with: an answer of the server that is no success, or no answer at all.
import type { ProblemResponse } from "./wire.ts";

/**
 * The server answered, and said no. `code` is the stable word of the problem document, or the OAuth `error` of the
 * token endpoint; `retryAfterSeconds` is there when the server named a time to come back.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<ProblemResponse>, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.requestId = problem.request_id;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** There was no answer: the network, the name or the server is gone. The request may or may not have arrived. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(cause: unknown) {
    super("The server could not be reached.", { cause });
  }
}

/** The call needs somebody to be logged in, and nobody is. */
export class NotLoggedInError extends Error {
  override readonly name = "NotLoggedInError";

  constructor() {
    super("Nobody is logged in; call login() first.");
  }
}
