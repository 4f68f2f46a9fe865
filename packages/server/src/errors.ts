// What the server refuses with: one table of codes, each with its status and the sentence that the client sees.

interface Refusal {
  readonly status: number;
  readonly title: string;
}

/** Every `code` of a problem document that the server sends itself; stable, clients may switch on them. */
export type ServiceErrorCode =
  | "invalid_request"
  | "email_invalid"
  | "password_invalid"
  | "password_too_short"
  | "password_too_long"
  | "password_too_common"
  | "invalid_credentials"
  | "invalid_grant"
  | "unsupported_grant_type"
  | "invalid_client"
  | "forbidden"
  | "cross_site"
  | "https_required"
  | "not_found"
  | "method_not_allowed"
  | "email_taken"
  | "body_too_large"
  | "unsupported_media_type"
  | "too_many_renewals"
  | "busy"
  | "unavailable"
  | "internal";

const refusals: Readonly<Record<ServiceErrorCode, Refusal>> = {
  invalid_request: { status: 400, title: "The request is not of the form that this route takes" },
  email_invalid: { status: 400, title: "The email address is not valid" },
  password_invalid: { status: 400, title: "The password contains text that is not valid Unicode" },
  password_too_short: { status: 400, title: "The password is too short" },
  password_too_long: { status: 400, title: "The password is too long" },
  password_too_common: { status: 400, title: "The password is one of the first that attackers try" },
  invalid_credentials: { status: 401, title: "Email and password do not match an account" },
  invalid_grant: { status: 400, title: "The refresh token is expired, used, revoked or not ours" },
  unsupported_grant_type: { status: 400, title: "This grant type is not supported" },
  invalid_client: { status: 401, title: "The caller did not authenticate" },
  forbidden: { status: 403, title: "This account may not do that" },
  cross_site: { status: 403, title: "This request does not come from a page that may send it" },
  https_required: { status: 403, title: "This server is reached by https alone" },
  not_found: { status: 404, title: "There is nothing here" },
  method_not_allowed: { status: 405, title: "There is something here, but not for this method" },
  email_taken: { status: 409, title: "There is an account with this email address already" },
  body_too_large: { status: 413, title: "The request body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported here" },
  too_many_renewals: { status: 429, title: "This session is being renewed too often" },
  busy: { status: 503, title: "Too many passwords are being checked at the moment" },
  unavailable: { status: 503, title: "The service is not available at the moment" },
  internal: { status: 500, title: "Something went wrong on our side" },
};

export interface ServiceErrorOptions {
  /** A sentence for the client: what to change. Never holds anything secret. */
  readonly detail?: string;
  /** For 429 and 503: when to come back. */
  readonly retryAfterSeconds?: number;
  /** For the log only. */
  readonly cause?: unknown;
}

/** A refusal that a service decided; the routes turn it into `application/problem+json` (RFC 9457). */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ServiceErrorCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ServiceErrorCode, options: ServiceErrorOptions = {}) {
    super(refusals[code].title, { cause: options.cause });
    this.code = code;
    this.status = refusals[code].status;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.status === 503 ? 2 : undefined);
  }
}

/** The options cannot work. `problems` holds every mistake, each with what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot work:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}
