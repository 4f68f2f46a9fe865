// What the server refuses with: one table of codes, each with its status and the sentence that the client sees.

/** What a code means to the client that reads it. Mirrored in docs/reference/errors.md and served at `/problems/CODE`. */
export interface Refusal {
  readonly status: number;
  /** What is wrong, as a sentence without its full stop. */
  readonly title: string;
  /** What the client can do about it. */
  readonly advice: string;
}

/** What a service decided to refuse. Codes are stable: clients may switch on them. */
export type ServiceRefusalCode =
  | "email_invalid"
  | "roles_invalid"
  | "metadata_invalid"
  | "password_invalid"
  | "password_too_short"
  | "password_too_long"
  | "password_too_common"
  | "invalid_credentials"
  | "second_factor_required"
  | "second_factor_invalid"
  | "second_factor_locked"
  | "login_challenge_invalid"
  | "passkey_invalid"
  | "factor_missing"
  | "authentication_too_old"
  | "factor_exists"
  | "factor_needed"
  | "logged_out"
  | "code_invalid"
  | "email_unverified"
  | "proof_needed"
  | "mail_off"
  | "account_disabled"
  | "invalid_grant"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "invalid_client"
  | "forbidden"
  | "refused_by_app"
  | "not_found"
  | "email_taken"
  | "email_not_allowed"
  | "signup_closed"
  | "invitation_needed"
  | "last_administrator"
  | "too_many_attempts"
  | "too_many_renewals"
  | "busy"
  | "unavailable"
  | "internal";

/** What the HTTP edge refuses before any service hears of it; thrown in `http/` and in routes alone. */
export type EdgeRefusalCode =
  | "invalid_request"
  | "cross_site"
  | "https_required"
  | "method_not_allowed"
  | "request_timeout"
  | "body_too_large"
  | "unsupported_media_type"
  | "headers_too_large"
  | "method_unknown"
  | "body_consumed";

/** Every `code` of a problem document that the server sends itself. */
export type ServiceErrorCode = ServiceRefusalCode | EdgeRefusalCode;

export const refusals: Readonly<Record<ServiceErrorCode, Refusal>> = {
  invalid_request: {
    status: 400,
    title: "This request is not what the route takes",
    advice: "Send what the API reference names; `detail` says which part is at fault.",
  },
  email_invalid: {
    status: 400,
    title: "This is not an email address",
    advice: "Send one address such as ada@example.com, without a name, quotes or comments.",
  },
  roles_invalid: {
    status: 400,
    title: "These are not roles",
    advice: "Send at most 16 different words of 1 to 64 characters, without spaces, quotes and backslashes.",
  },
  metadata_invalid: {
    status: 400,
    title: "The metadata would not be what the app keeps",
    advice: "Send a merge patch (RFC 7396) that makes it so; `detail` says what is wrong.",
  },
  password_invalid: {
    status: 400,
    title: "The password holds text that is not valid Unicode",
    advice: "Send the password as the person typed it, encoded in UTF-8.",
  },
  password_too_short: {
    status: 400,
    title: "The password is too short",
    advice: "Ask for a longer one: `detail` says how long. A few unrelated words make a good password.",
  },
  password_too_long: {
    status: 400,
    title: "The password is too long",
    advice: "Ask for a shorter one; `detail` names the limit.",
  },
  password_too_common: {
    status: 400,
    title: "Attackers try this password first",
    advice:
      "Ask for another one: no common word, repetition or row of keys, and nothing of the name or address.",
  },
  invalid_credentials: {
    status: 401,
    title: "Email and password do not match an account",
    advice:
      "Check both. The answer is the same for an unknown address, a wrong password and a disabled account, and, where " +
      "`signupPrivacy` is on, for an address that nobody has confirmed yet: follow the link in its mail.",
  },
  second_factor_required: {
    status: 401,
    title: "The account has a second factor, which this login has not shown yet",
    advice:
      "Ask for one of `factors` and send it with `login_challenge` to `POST /login/factor` within five minutes.",
  },
  second_factor_invalid: {
    status: 401,
    title: "This code or passkey is not right, or was used already",
    advice: "Wait for the next code, or use another factor. A login challenge stays good.",
  },
  second_factor_locked: {
    status: 429,
    title: "Too many wrong codes came for this account",
    advice: "Wait as long as `Retry-After` says, or use a recovery code or a passkey.",
  },
  login_challenge_invalid: {
    status: 401,
    title: "This login challenge is over, used or not ours",
    advice: "Log in again from the start.",
  },
  passkey_invalid: {
    status: 401,
    title: "This passkey is not known here, or its answer is not right or too late",
    advice: "Ask for new options and let the person try again, or log in another way.",
  },
  factor_missing: {
    status: 401,
    title: "This needs a login with two factors",
    advice: "Show the second factor at `POST /login/step-up`, and send the request again with what it gave.",
  },
  authentication_too_old: {
    status: 401,
    title: "This needs a more recent login, or the current password",
    advice: "Send `current_password`, or log in again at `POST /login/step-up`.",
  },
  factor_exists: {
    status: 409,
    title: "The account has this factor already",
    advice: "Remove it first to replace it.",
  },
  factor_needed: {
    status: 409,
    title: "The account cannot do without this",
    advice: "Add another second factor, passkey or password first; `detail` says which.",
  },
  logged_out: {
    status: 401,
    title: "This session is over: it ended while the request was under way",
    advice: "Log in again. Nothing that the request asked for was done.",
  },
  code_invalid: {
    status: 400,
    title: "This code or link does not work: it is wrong, used or over",
    advice: "Ask for a new mail. The answer is the same for an unknown address, a wrong code and a dead one.",
  },
  email_unverified: {
    status: 403,
    title: "The address of this account was not confirmed yet",
    advice:
      "Follow the link in the mail that was sent at sign-up; `POST /email/verification` sends it again.",
  },
  proof_needed: {
    status: 403,
    title: "What was mailed is right, but does not show that the account is yours",
    advice:
      "Send the account's password with it, or ask with one of its sessions. Link and code stay as they are.",
  },
  mail_off: {
    status: 501,
    title: "This server sends no mail",
    advice: "Ask whoever runs it: it needs a mail server (the option `smtpUrl`).",
  },
  account_disabled: {
    status: 409,
    title: "This account is disabled",
    advice: "Enable it first.",
  },
  invalid_grant: {
    status: 400,
    title: "This refresh token does not work: it is over, used, revoked or not ours",
    advice: "Log in again.",
  },
  invalid_scope: {
    status: 400,
    title: "The scope is unknown, or goes beyond what was granted",
    advice: "Leave `scope` out: tokens of this server carry roles and no scopes.",
  },
  unsupported_grant_type: {
    status: 400,
    title: "This grant type is not supported",
    advice: "Send `grant_type=refresh_token`. People log in at `POST /login`.",
  },
  invalid_client: {
    status: 401,
    title: "The caller did not authenticate",
    advice: "Send the client's id and secret as HTTP Basic, form-encoded first (RFC 6749 §2.3.1).",
  },
  forbidden: {
    status: 403,
    title: "This account may not do that",
    advice: "Ask somebody who may, or log in with another account.",
  },
  refused_by_app: {
    status: 403,
    title: "The app behind this server refuses this",
    advice:
      "`reason` is the app's own code, and `detail` its sentence for the person; the status may be another one.",
  },
  email_not_allowed: {
    status: 403,
    title: "Addresses of this domain may not sign up here",
    advice:
      "Use an address of the organisation that runs this server, or ask an administrator for an account.",
  },
  signup_closed: {
    status: 403,
    title: "Nobody signs up here",
    advice: "Ask an administrator for an account.",
  },
  invitation_needed: {
    status: 403,
    title: "Only who was invited signs up here",
    advice: "Ask an administrator for an invitation, and send the token of its link as `invitation`.",
  },
  cross_site: {
    status: 403,
    title: "This request does not come from a page that may send it",
    advice: "Send it from a page of the issuer's origin, or add the page's origin to `allowedOrigins`.",
  },
  https_required: {
    status: 403,
    title: "This server takes requests over https only",
    advice: "Use https, and change the secrets that this request sent in the clear.",
  },
  not_found: {
    status: 404,
    title: "There is nothing at this address",
    advice: "Check the path, and the id in it.",
  },
  method_not_allowed: {
    status: 405,
    title: "This path does not take this method",
    advice: "Use one of the methods that the `Allow` header names.",
  },
  request_timeout: {
    status: 408,
    title: "The request took too long to arrive",
    advice: "Send it again, whole.",
  },
  email_taken: {
    status: 409,
    title: "This email address has an account already",
    advice: "Log in, or use another address.",
  },
  last_administrator: {
    status: 409,
    title: "This is the last administrator: nobody would be left who may do everything",
    advice: "Make another administrator first.",
  },
  body_too_large: {
    status: 413,
    title: "The request body is too large",
    advice: "Send less: no route of this server takes more than 16 KiB.",
  },
  body_consumed: {
    status: 500,
    title: "The server is set up wrongly: the body was read before it came here",
    advice:
      "Nothing in the request is wrong. Whoever runs the server mounts it before the parsers of bodies.",
  },
  unsupported_media_type: {
    status: 415,
    title: "This route does not take this content type",
    advice:
      "Send JSON as `application/json` in UTF-8; `POST /token`, `/revoke` and `/introspect` take forms.",
  },
  too_many_attempts: {
    status: 429,
    title: "There were too many attempts",
    advice:
      "Wait as long as `Retry-After` says. The answer is the same whether or not the address has an account.",
  },
  too_many_renewals: {
    status: 429,
    title: "This session is renewed too often",
    advice: "Wait as long as `Retry-After` says, and renew a token only when it is about to end.",
  },
  headers_too_large: {
    status: 431,
    title: "The request's headers are too large",
    advice: "Send fewer or shorter headers; cookies are the usual cause.",
  },
  internal: {
    status: 500,
    title: "Something went wrong on our side",
    advice: "Try again later. Whoever runs the server finds the cause in its log, under `request_id`.",
  },
  method_unknown: {
    status: 501,
    title: "This server does not know this method",
    advice: "Use a method that RFC 9110 names.",
  },
  busy: {
    status: 503,
    title: "Too many passwords are being checked at the moment",
    advice: "Try again after `Retry-After`.",
  },
  unavailable: {
    status: 503,
    title: "The service is not available at the moment",
    advice: "Try again after `Retry-After`.",
  },
};

export interface ServiceErrorOptions {
  /** A sentence for the client: what to change. Never holds anything secret. */
  readonly detail?: string;
  /** For 429 and 503: when to come back. */
  readonly retryAfterSeconds?: number;
  /** Further members of the problem document, which a client goes on with. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** An app's own type and title of the problem, in place of the code's. */
  readonly problem?: { readonly type: string | undefined; readonly title: string | undefined };
  /** Asks for a stronger or newer login: parameters of the challenge (RFC 9470 §3). */
  readonly stepUp?: Readonly<Record<string, string>>;
  /** In place of the code's own status, where the same refusal means something else. */
  readonly statusCode?: number;
  /** For the log only. */
  readonly cause?: unknown;
}

/** A refusal that a service decided; the routes turn it into `application/problem+json` (RFC 9457). */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ServiceErrorCode;
  readonly statusCode: number;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;
  readonly stepUp: Readonly<Record<string, string>> | undefined;
  /** What kind of problem it is, where an app says so itself: an absolute URI. */
  readonly type: string | undefined;

  constructor(code: ServiceErrorCode, options: ServiceErrorOptions = {}) {
    super(options.problem?.title ?? refusals[code].title, { cause: options.cause });
    this.code = code;
    this.statusCode = options.statusCode ?? refusals[code].status;
    this.detail = options.detail;
    this.members = options.members;
    this.stepUp = options.stepUp;
    this.type = options.problem?.type;
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.statusCode === 503 ? 2 : undefined);
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

/** What goes wrong below the services, in the database or with the keys. Routes know no more of it than this. */
export abstract class KernelError extends Error {
  abstract readonly code: string;
  /** The same call may succeed later: 503. */
  abstract readonly isTemporary: boolean;
}
