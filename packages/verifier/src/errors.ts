// Refusals: one error class, a closed union of codes, and the HTTP response each code maps to.

/**
 * Why a request was refused. Stable: clients and dashboards may depend on these words.
 *
 * - `credentials_missing`: there is no `Authorization` header
 * - `scheme_not_supported`: an `Authorization` header of another scheme than `Bearer`
 * - `credentials_malformed`: an `Authorization` header that is not exactly one `Bearer` token
 * - `token_invalid`: the token was judged and refused; `reason` says why, for the log only
 * - `role_missing`, `scope_missing`: the token is good, its holder may not do this
 * - `factor_missing`: the person must show a second factor for this (RFC 9470)
 * - `authentication_too_old`: the person must log in again for this (RFC 9470)
 * - `keys_unavailable`: the issuer's keys could not be fetched, so no token can be judged
 * - `revocations_stale`: the revocation feed is older than `maxStalenessSeconds` and the policy is `reject`
 * - `verification_failed`: something else failed inside, which is a refusal and never a pass
 */
export type AccessErrorCode =
  | "credentials_missing"
  | "scheme_not_supported"
  | "credentials_malformed"
  | "token_invalid"
  | "role_missing"
  | "scope_missing"
  | "factor_missing"
  | "authentication_too_old"
  | "keys_unavailable"
  | "revocations_stale"
  | "verification_failed";

/** An RFC 9457 problem document; `code` is the stable member to switch on. */
export interface AccessProblem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: 401 | 403 | 503;
  readonly code: AccessErrorCode;
  readonly detail: string;
  /** What the service calls the request by, where its framework has a name for it. */
  readonly request_id?: string;
}

interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly detail: string;
  /** The RFC 6750 §3.1 or RFC 9470 §3 error; absent where no credentials of our kind were sent. */
  readonly error?: string;
}

const titles = { 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable" } as const;

const refusals: Readonly<Record<AccessErrorCode, Refusal>> = {
  credentials_missing: {
    status: 401,
    detail: "This needs credentials: send an access token as Authorization: Bearer.",
  },
  scheme_not_supported: { status: 401, detail: "This needs a bearer token, not another scheme." },
  credentials_malformed: {
    status: 401,
    detail: "The Authorization header must be exactly one bearer token.",
    error: "invalid_token",
  },
  token_invalid: {
    status: 401,
    detail: "The access token is expired, revoked or otherwise invalid.",
    error: "invalid_token",
  },
  role_missing: {
    status: 403,
    detail: "This needs a role that these credentials do not carry.",
    error: "insufficient_scope",
  },
  scope_missing: {
    status: 403,
    detail: "This needs a scope that these credentials do not carry.",
    error: "insufficient_scope",
  },
  factor_missing: {
    status: 401,
    detail: "This needs a login with two factors: show the second one.",
    error: "insufficient_user_authentication",
  },
  authentication_too_old: {
    status: 401,
    detail: "This needs a more recent login: log in again.",
    error: "insufficient_user_authentication",
  },
  keys_unavailable: {
    status: 503,
    detail: "The keys to judge access tokens are not available now. Try again soon.",
  },
  revocations_stale: {
    status: 503,
    detail: "The list of revoked access tokens is out of date. Try again soon.",
  },
  verification_failed: { status: 503, detail: "The credentials could not be judged. Try again soon." },
};

/** What a client is told to wait, in seconds, before it tries a 503 again. */
const retryAfterSeconds = 5;

/** What a refusal may carry beside its code. */
export interface AccessErrorOptions {
  /** Why in one word, for the log: the `TokenErrorCode`, or what went wrong while fetching. Never sent. */
  readonly reason?: string | undefined;
  /** Further parameters of the challenge: `scope` (RFC 6750 §3), `acr_values` or `max_age` (RFC 9470 §3). */
  readonly challenge?: Readonly<Record<string, string>>;
  /** Where the refusal comes from. Never sent. */
  readonly cause?: unknown;
}

/**
 * A request that is not let through, together with the response it maps to.
 *
 * `status` and `headers` have the names under which Fastify and Express look for them, so an error
 * that somebody lets escape is still answered correctly. It has no stack: refusing must stay cheap.
 */
export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly code: AccessErrorCode;
  /** Why in one word, for the log; never sent to the client. */
  readonly reason: string | undefined;
  readonly status: 401 | 403 | 503;
  readonly #challenge: Readonly<Record<string, string>> | undefined;

  constructor(code: AccessErrorCode, options: AccessErrorOptions = {}) {
    const { status, detail } = refusals[code];
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.reason = options.reason;
    this.status = status;
    this.#challenge = options.challenge;
  }

  /** `WWW-Authenticate` as RFC 6750 §3 wants it, or `Retry-After`; names in lower case. */
  get headers(): Record<string, string> {
    const headers: Record<string, string> = { "cache-control": "no-store" };
    if (this.status === 503) headers["retry-after"] = String(retryAfterSeconds);
    else headers["www-authenticate"] = challenge(refusals[this.code].error, this.#challenge);
    return headers;
  }

  /** The body to send as `application/problem+json`. */
  get problem(): AccessProblem {
    const { status, code, message: detail } = this;
    return { type: "about:blank", title: titles[status], status, code, detail };
  }
}

/** What is guarded, for a challenge that would have no parameter otherwise (RFC 6750 §3 wants one). */
const realm = "api";

/** A request without credentials is told no error (RFC 6750 §3.1). */
function challenge(error: string | undefined, more: Readonly<Record<string, string>> | undefined): string {
  if (error === undefined) return `Bearer realm="${realm}"`;
  let text = `Bearer error="${error}"`;
  for (const [name, value] of Object.entries(more ?? {})) text += `, ${name}="${value}"`;
  return text;
}

/**
 * The body that answers a refusal, as text, so that no schema of a framework can drop a member. `requestId` is what the
 * framework calls the request by, in logs too; anything but a string or number is left out.
 */
export function problemText({ problem }: AccessError, requestId?: unknown): string {
  const isName = typeof requestId === "string" || typeof requestId === "number";
  return JSON.stringify(isName ? { ...problem, request_id: String(requestId) } : problem);
}

/** Makes a refusal of whatever was thrown: what we do not know is `verification_failed`, never a pass. */
export function toAccessError(thrown: unknown): AccessError {
  return thrown instanceof AccessError ? thrown : new AccessError("verification_failed", { cause: thrown });
}
