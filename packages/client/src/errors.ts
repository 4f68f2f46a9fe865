// What a client call can fail with; one reason is one error, whichever call meets it.
import type { ProblemResponse, SecondFactor } from "./wire.ts";

/**
 * The server answered, and said no. `code` is the stable word of the problem document, or the OAuth
 * `error` of the token endpoint; `retryAfterSeconds` is there when the server named a time to come
 * back.
 */
export class ApiError extends Error {
  override readonly name: "ApiError" | "SecondFactorRequiredError" = "ApiError";
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

/** The password was right, and the account has a second factor: go on with `loginWithFactor`. */
export class SecondFactorRequiredError extends ApiError {
  override readonly name = "SecondFactorRequiredError";
  /** Good for a few minutes and one login. */
  readonly loginChallenge: string;
  readonly factors: readonly SecondFactor[];

  constructor(problem: Partial<ProblemResponse>, loginChallenge: string, factors: readonly SecondFactor[]) {
    super(401, problem);
    this.loginChallenge = loginChallenge;
    this.factors = factors;
  }
}

/**
 * There was no answer: offline, no such name, server gone, or none in time. The request may or may
 * not have arrived.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(
    cause: unknown,
    message = "The server could not be reached. Check the connection and try again.",
  ) {
    super(message, { cause });
  }
}

/**
 * What answered is not this server, or says what it never says: a network's login page, a proxy, a
 * wrong `baseUrl`.
 */
export class InvalidResponseError extends Error {
  override readonly name = "InvalidResponseError";
  readonly status: number;

  constructor(status: number) {
    super(`The answer (status ${status}) is of no Countersign server. Check baseUrl.`);
    this.status = status;
  }
}

/** The API redirects this request. That is not followed, as it could carry the token elsewhere. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";

  constructor(path: string) {
    super(`${path} redirects, which is not followed: ask for the URL that it leads to.`);
  }
}

/** The call needs somebody to be logged in, and nobody is. */
export class NotLoggedInError extends Error {
  override readonly name = "NotLoggedInError";

  constructor(message = "Nobody is logged in. Call login() first.") {
    super(message);
  }
}

/**
 * Another account has logged in with the same storage, for example in another tab; this client does
 * not become it.
 */
export class AccountChangedError extends Error {
  override readonly name = "AccountChangedError";

  constructor() {
    super("Another account has logged in. Reload the page to go on as it.");
  }
}
