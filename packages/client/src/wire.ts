// The wire types: every JSON body that client, server and verifiers exchange. Names are the RFCs',
// snake_case.

/** `POST /signup`. */
export interface SignupRequest {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
  /** The token of a mail that invited to this address. */
  readonly invitation?: string;
}

/**
 * `POST /login` and `POST /session`; the form-encoded twin of this body is `username`, `password`.
 */
export interface LoginRequest {
  readonly email: string;
  readonly password: string;
  /** What an earlier login of this account gave to this device. */
  readonly device_token?: string;
}

export type SecondFactor = "totp" | "recovery_code" | "passkey";

/** `POST /login/factor`: a code, or the response of a passkey; answers as `POST /login` does. */
export type FactorRequest = { readonly login_challenge: string } & (
  | { readonly factor: "totp" | "recovery_code"; readonly code: string }
  | { readonly factor: "passkey"; readonly response: object }
);

/**
 * `POST /login/step-up`: whoever is logged in shows a factor, or the password again. It answers with a `TokenResponse`
 * (a cookie's session: 204 and a new cookie) of the same session at the level that was shown. What was held before goes
 * on at its own level until that is used, and is dead from then on.
 */
export type StepUpRequest =
  | { readonly factor: "password"; readonly password: string }
  | { readonly factor: "totp" | "recovery_code"; readonly code: string }
  | { readonly factor: "passkey"; readonly response: object };

/** A change that needs a fresh login: the password, or nothing within five minutes of one. */
export interface FreshRequest {
  readonly current_password?: string;
}

/** `GET /me/factors`. */
export interface FactorsResponse {
  /** Whether a login asks for a second factor. */
  readonly required: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
  /** How many are left. */
  readonly recovery_codes: number;
}

/** `POST /me/totp`: for an authenticator app. It counts once `POST /me/totp/confirm` had a code of it. */
export interface TotpResponse {
  readonly secret: string;
  readonly uri: string;
  readonly qr_svg: string;
}

/** `POST /me/totp/confirm`. */
export interface TotpConfirmation {
  readonly code: string;
}

/** Recovery codes, shown this once; absent where a factor was added and the account has some already. */
export interface RecoveryCodesResponse {
  readonly recovery_codes?: readonly string[];
}

/**
 * A successful login or renewal (RFC 6749 §5.1). `expires_in` is the access token's life in
 * seconds.
 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope?: string;
  /** Of a login: says that this device is known, for its next login. It opens nothing by itself. */
  readonly device_token?: string;
}

/** An account as its owner sees it. Times are RFC 3339 strings in UTC. */
export interface UserResponse {
  readonly id: string;
  readonly email: string;
  /** Whether somebody has shown that they read the mail of this address. */
  readonly email_verified: boolean;
  readonly name: string | null;
  readonly roles: readonly string[];
  /**
   * Of `/me`: those of them that this session does not have, as they need a second factor. Add one, or show it with
   * `POST /login/step-up`. Absent where it has all.
   */
  readonly withheld_roles?: readonly string[];
  /** What the person keeps with the account. It may be older than the app's schema. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: string;
}

/**
 * One line of `GET /me/sessions`; `current` marks the session that asked. Never any token material.
 */
export interface SessionResponse {
  readonly id: string;
  readonly kind: "token" | "cookie";
  /** What the client called itself at its login. */
  readonly device: string | null;
  /** The network address that it logged in from. */
  readonly address: string | null;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly current: boolean;
}

/** `GET /me/sessions`, newest first. */
export interface SessionsResponse {
  readonly sessions: readonly SessionResponse[];
}

/** One row of the audit trail that concerns the account that asks. */
export interface ActivityRow {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly sid: string | null;
  /** The network address that the request came from. */
  readonly address: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** `GET /me/activity`, newest first. */
export interface ActivityResponse {
  readonly activity: readonly ActivityRow[];
}

/** `PATCH /me`: what is absent stays as it is; `null` removes the name. */
export interface ProfileRequest {
  readonly name?: string | null;
  /** A merge patch (RFC 7396). */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** `DELETE /me`: the account and everything of it goes. Without a password, where the login is of the last five minutes. */
export interface RemovalRequest {
  readonly current_password?: string;
}

/**
 * `PUT /me/password`. All other sessions end with the change, and so do this one's tokens: it answers with a
 * `TokenResponse` (a cookie's session: 204 and a new cookie). A wrong current password is 403 `invalid_credentials`.
 */
export interface PasswordRequest {
  readonly current_password: string;
  readonly new_password: string;
}

/** What was mailed: the secret of its link, or the address that it came to and its code. */
export type MailedSecret = { readonly token: string } | { readonly email: string; readonly code: string };

/** `POST /password/forgotten` and `POST /email/verification`. */
export interface MailRequest {
  readonly email: string;
}

/** 202 of what sends mail: the same, whether or not the address has an account. */
export interface AcceptedResponse {
  readonly status: "accepted";
}

/**
 * `POST /email/verify`. It shows that the address is the reader's. That the account is theirs, too, the password, the
 * account's session or a device token shows; without any of them the account loses its password, and a mail leads to
 * a new one.
 */
export type VerifyRequest = MailedSecret & {
  readonly password?: string;
  /** What an earlier login of this account gave to this device. */
  readonly device_token?: string;
};

export interface VerifyResponse {
  readonly email_verified: true;
  readonly password_voided: boolean;
}

/**
 * `POST /me/email`: the new address counts once it was confirmed by `POST /email/verify`. Without a password, where the
 * login is of the last five minutes.
 */
export interface EmailChangeRequest {
  readonly new_email: string;
  readonly current_password?: string;
}

/** `POST /email/undo` and `POST /login/disown`: the secret of a link. */
export interface MailedLink {
  readonly token: string;
}

/** `POST /password/reset`. A new password that is refused leaves link and code as they are. */
export type PasswordResetRequest = MailedSecret & { readonly new_password: string };

/** It logs nobody in: the next login is one of a known device, and asks for a second factor where there is one. */
export interface PasswordResetResponse {
  readonly device_token: string;
}

/** One mail of `GET /dev/mail`, which a server for development keeps in place of sending it. */
export interface DevMailMessage {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sent_at: string;
  /** What can be typed of it, and what can be clicked: each with its secret. */
  readonly codes: readonly string[];
  readonly links: readonly string[];
}

/** `GET /dev/mail`, newest first. */
export interface DevMailResponse {
  readonly messages: readonly DevMailMessage[];
}

/**
 * `POST /logout`: this session (the default), all but this one, or every one of the account. A session that is over may
 * end itself again, and nothing else.
 */
export interface LogoutRequest {
  readonly scope?: LogoutScope;
  /** Takes the account's token out of the browser's device cookie, too. */
  readonly forget?: boolean;
}

export type LogoutScope = "session" | "others" | "all";

/** Every error outside the token endpoint (RFC 9457); `code` is stable and from a closed list. */
export interface ProblemResponse {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly request_id?: string;
}

/**
 * 401 `second_factor_required` of `POST /login`: the password was right; `POST /login/factor` takes
 * the challenge.
 */
export interface SecondFactorProblem extends ProblemResponse {
  readonly login_challenge: string;
  readonly factors: readonly SecondFactor[];
}

/** An error of the token endpoint (RFC 6749 §5.2). */
export interface TokenErrorResponse {
  readonly error: string;
  readonly error_description?: string;
}

/**
 * Token introspection (RFC 7662 §2.2). Everything that is not active looks the same: `{ active:
 * false }`. An access token answers with all its claims.
 */
export type IntrospectionResponse =
  | { readonly active: false }
  | {
      readonly active: true;
      /** Absent for a refresh token, which authorizes nothing by itself. */
      readonly token_type?: "Bearer";
      readonly sub?: string;
      readonly sid?: string;
      readonly client_id?: string;
      readonly iss?: string;
      readonly aud?: string;
      readonly exp?: number;
      readonly iat?: number;
      readonly jti?: string;
      readonly roles?: readonly string[];
    };

/**
 * Tokens of session `sid` issued before `tokens_before` are dead; the entry may be forgotten at
 * `expires_at` (seconds).
 */
export interface RevokedSession {
  readonly sid: string;
  readonly tokens_before: number;
  readonly expires_at: number;
}

/**
 * `GET /revocations` as JSON: all that is in force at `cursor`. `tokens_before` (seconds) kills
 * every older token.
 */
export interface RevocationSnapshot {
  readonly cursor: string;
  readonly tokens_before: number | null;
  readonly sessions: readonly RevokedSession[];
  readonly keys: readonly string[];
}

/** The `data` of one `revocation` server-sent event; its `id` is a cursor. */
export type RevocationEvent = RevokedSession | { readonly kid: string } | { readonly tokens_before: number };
