// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import { expectTypeOf, test } from "vitest";
import {
  type AddedPasskeyResponse,
  type PasskeyCreationOptions,
  type PasskeyDescriptor,
  type PasskeyLoginRequest,
  type PasskeyNameRequest,
  type PasskeyOptionsRequest,
  type PasskeyRequest,
  type PasskeyRequestOptions,
  type PasskeyResponse,
  type PasskeysResponse,
  type AccountChangedError,
  type ApiError,
  cookieSession,
  createClient,
  type InvalidResponseError,
  memoryStorage,
  type NetworkError,
  type NotLoggedInError,
  type RedirectError,
  type SecondFactorRequiredError,
  webStorage,
} from "../src/index.ts";
import type {
  AcceptedResponse,
  ActivityResponse,
  AdminAccount,
  AdminAccountRequest,
  AdminInvitation,
  AdminInvitationsResponse,
  InvitationRequest,
  AdminAccountsResponse,
  AdminKey,
  AdminKeysResponse,
  AppMetadataRequest,
  AdminAmount,
  AdminFollower,
  AdminFollowersResponse,
  AdminRevocation,
  AdminRevocationsResponse,
  AdminStatisticsResponse,
  AuditChainResponse,
  AuditEntry,
  AuditResponse,
  ActivityRow,
  Change,
  Client,
  ClientOptions,
  DevMailMessage,
  DevMailResponse,
  FactorsResponse,
  FreshRequest,
  IntrospectionResponse,
  LoginRequest,
  LogoutOptions,
  LogoutRequest,
  LogoutScope,
  MailedLink,
  MailedSecret,
  MailRequest,
  PasswordRequest,
  PasswordResetRequest,
  PasswordResetResponse,
  PermissionsResponse,
  ProblemResponse,
  ProfileRequest,
  RecoveryCodesResponse,
  RemovalRequest,
  RevocationEvent,
  RolesRequest,
  RevocationSnapshot,
  RevokedSession,
  SecondFactor,
  SecondFactorProblem,
  SessionResponse,
  SessionsResponse,
  SignupRequest,
  StepUpRequest,
  TokenErrorResponse,
  TokenResponse,
  TotpConfirmation,
  TotpResponse,
  UnlockResponse,
  ClientStorage,
  CookieSession,
  EmailChangeRequest,
  FactorRequest,
  UserResponse,
  VerifyRequest,
  VerifyResponse,
  WebStorageArea,
} from "../src/index.ts";
import { changePassword } from "../src/password.ts";
import { type changeEmail, requestEmailVerification, undoEmailChange, verifyEmail } from "../src/email.ts";
import {
  type addPasskey,
  hasPasskeys,
  type listPasskeys,
  loginWithPasskey,
  type loginWithPasskeyAsFactor,
  type PasskeyError,
  type PasskeyProblem,
  type PasskeyServer,
  type removePasskey,
  type renamePasskey,
  suggestsPasskeys,
} from "../src/passkeys.ts";
import { disownLogin, requestPasswordReset, resetPassword } from "../src/recovery.ts";
import { stepUp } from "../src/step-up.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { AccountState } from "../src/react.ts";

test("a Client needs ClientOptions with a base URL and speaks the wire types", () => {
  expectTypeOf<{ baseUrl: string }>().toExtend<ClientOptions>();
  expectTypeOf<object>().not.toExtend<ClientOptions>();
  expectTypeOf(createClient({ baseUrl: "https://api.example.com" })).toEqualTypeOf<Client>();
  expectTypeOf<Client["signup"]>().parameter(0).toEqualTypeOf<SignupRequest>();
  expectTypeOf<Client["login"]>().parameter(0).toEqualTypeOf<LoginRequest>();
  expectTypeOf<Client["login"]>().returns.resolves.toEqualTypeOf<TokenResponse>();
  expectTypeOf<Client["getUser"]>().returns.resolves.toEqualTypeOf<UserResponse | undefined>();
  expectTypeOf<Client["sessions"]>().returns.resolves.toEqualTypeOf<readonly SessionResponse[]>();
  expectTypeOf<Parameters<Client["onChange"]>[0]>().parameter(0).toEqualTypeOf<Change>();
  expectTypeOf<Client["fetch"]>().returns.resolves.toEqualTypeOf<Response>();
  expectTypeOf<Client["adopt"]>().parameter(0).toEqualTypeOf<Response>();
  expectTypeOf<Client["getAccessToken"]>().returns.resolves.toEqualTypeOf<string | undefined>();
});

test("changePassword takes a client of tokens and one of cookies, and both passwords by name", () => {
  expectTypeOf<Client>().toExtend<Parameters<typeof changePassword>[0]>();
  expectTypeOf<Client<undefined>>().toExtend<Parameters<typeof changePassword>[0]>();
  expectTypeOf(changePassword)
    .parameter(1)
    .toEqualTypeOf<{ readonly currentPassword: string; readonly newPassword: string }>();
  expectTypeOf(changePassword).returns.resolves.toEqualTypeOf<void>();
});

test("a ClientStorage may answer at once or later, and localStorage is a WebStorageArea", () => {
  expectTypeOf<ClientOptions["storage"]>().toEqualTypeOf<ClientStorage | undefined>();
  expectTypeOf<ClientStorage["read"]>().returns.toEqualTypeOf<string | null | Promise<string | null>>();
  expectTypeOf(cookieSession).returns.toEqualTypeOf<CookieSession>();
  expectTypeOf<CookieSession>().toExtend<ClientStorage>();
  expectTypeOf<ClientStorage>().not.toExtend<CookieSession>();
  expectTypeOf<Parameters<typeof createClient>[0]["storage"]>().toExtend<ClientStorage | undefined>();
  expectTypeOf(memoryStorage).returns.toEqualTypeOf<ClientStorage>();
  expectTypeOf(webStorage).parameter(0).toEqualTypeOf<WebStorageArea>();
  expectTypeOf<Pick<Map<string, string>, "get">>().not.toExtend<WebStorageArea>();
});

test("requests ask for what the routes need, and for no more", () => {
  expectTypeOf<{ email: string; password: string }>().toExtend<SignupRequest & LoginRequest>();
  expectTypeOf<{ email: string }>().not.toExtend<SignupRequest | LoginRequest>();
  expectTypeOf<LogoutRequest>().toEqualTypeOf<{
    readonly scope?: LogoutScope;
    readonly forget?: boolean;
  }>();
  expectTypeOf<LogoutScope>().toEqualTypeOf<"session" | "others" | "all">();
  expectTypeOf<ProfileRequest>().toEqualTypeOf<{
    readonly name?: string | null;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }>();
  expectTypeOf<keyof PasswordRequest>().toEqualTypeOf<"current_password" | "new_password">();
});

test("a TokenResponse has the members of RFC 6749 §5.1, a TokenErrorResponse those of §5.2", () => {
  expectTypeOf<TokenResponse["token_type"]>().toEqualTypeOf<"Bearer">();
  expectTypeOf<TokenResponse["expires_in"]>().toEqualTypeOf<number>();
  expectTypeOf<TokenResponse["scope"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<TokenErrorResponse>().toEqualTypeOf<{
    readonly error: string;
    readonly error_description?: string;
  }>();
});

test("an IntrospectionResponse tells nothing of a token that is not active (RFC 7662 §2.2)", () => {
  type Inactive = Extract<IntrospectionResponse, { active: false }>;
  expectTypeOf<Inactive>().toEqualTypeOf<{ readonly active: false }>();
  expectTypeOf<IntrospectionResponse["active"]>().toEqualTypeOf<boolean>();
});

test("a UserResponse and a SessionResponse hold no password and no token", () => {
  expectTypeOf<UserResponse>().not.toHaveProperty("password");
  expectTypeOf<Extract<keyof SessionResponse, `${string}token${string}`>>().toEqualTypeOf<never>();
  expectTypeOf<SessionResponse["kind"]>().toEqualTypeOf<"token" | "cookie">();
});

test("a RevocationEvent is one of three things that a RevocationSnapshot lists", () => {
  expectTypeOf<RevocationSnapshot["sessions"]>().toEqualTypeOf<readonly RevokedSession[]>();
  expectTypeOf<RevocationEvent>().toEqualTypeOf<
    RevokedSession | { readonly kid: string } | { readonly tokens_before: number }
  >();
});

test("an ApiError has what a ProblemResponse says; the others are errors of their own", () => {
  expectTypeOf<ApiError["code"]>().toEqualTypeOf<ProblemResponse["code"]>();
  expectTypeOf<ApiError["status"]>().toEqualTypeOf<ProblemResponse["status"]>();
  expectTypeOf<ApiError["retryAfterSeconds"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ApiError["name"]>().toEqualTypeOf<"ApiError" | "SecondFactorRequiredError">();
  expectTypeOf<NetworkError["name"]>().toEqualTypeOf<"NetworkError">();
  expectTypeOf<NotLoggedInError["name"]>().toEqualTypeOf<"NotLoggedInError">();
});

test("a login answers tokens, and with a cookie nothing", () => {
  const baseUrl = "https://api.example.com";
  const area: WebStorageArea = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const client = createClient({ baseUrl, storage: cookieSession(area) });
  expectTypeOf(client.login).returns.resolves.toEqualTypeOf<undefined>();
  expectTypeOf(client.loginWithFactor).parameter(0).toEqualTypeOf<FactorRequest>();
  expectTypeOf<LogoutOptions>().toEqualTypeOf<{ readonly scope?: LogoutScope; readonly forget?: boolean }>();
  expectTypeOf<Client["logout"]>().parameter(0).toEqualTypeOf<LogoutScope | LogoutOptions | undefined>();
});

test("a factor is a code or the response of a passkey, and the error of a login carries what it needs", () => {
  expectTypeOf<SecondFactor>().toEqualTypeOf<"totp" | "recovery_code" | "passkey">();
  expectTypeOf<FactorRequest["factor"]>().toEqualTypeOf<SecondFactor>();
  expectTypeOf<Extract<FactorRequest, { factor: "passkey" }>>().not.toHaveProperty("code");
  expectTypeOf<SecondFactorRequiredError>().toExtend<ApiError>();
  expectTypeOf<SecondFactorRequiredError["factors"]>().toEqualTypeOf<SecondFactorProblem["factors"]>();
});

test("each error has a name of its own", () => {
  expectTypeOf<AccountChangedError["name"]>().toEqualTypeOf<"AccountChangedError">();
  expectTypeOf<InvalidResponseError["name"]>().toEqualTypeOf<"InvalidResponseError">();
  expectTypeOf<RedirectError["name"]>().toEqualTypeOf<"RedirectError">();
  expectTypeOf<SecondFactorRequiredError["name"]>().toEqualTypeOf<"SecondFactorRequiredError">();
});

test("an AccountState has a user only where somebody is logged in", () => {
  expectTypeOf<Extract<AccountState, { user: UserResponse }>["status"]>().toEqualTypeOf<"logged_in">();
  expectTypeOf<Extract<AccountState, { error: unknown }>["status"]>().toEqualTypeOf<"failed">();
});

test("the list of sessions is wrapped, and a removal wants the password", () => {
  expectTypeOf<SessionsResponse>().toEqualTypeOf<{ readonly sessions: readonly SessionResponse[] }>();
  expectTypeOf<RemovalRequest>().toEqualTypeOf<{ readonly current_password?: string }>();
});

test("an account's activity is a list of rows", () => {
  expectTypeOf<ActivityResponse>().toEqualTypeOf<{ readonly activity: readonly ActivityRow[] }>();
});

test("a DevMailResponse lists each DevMailMessage with what can be typed and clicked of it", () => {
  expectTypeOf<DevMailResponse["messages"]>().toEqualTypeOf<readonly DevMailMessage[]>();
  expectTypeOf<DevMailMessage["codes"]>().toEqualTypeOf<readonly string[]>();
});

test("a factor is made in two steps, and its codes are shown once", () => {
  expectTypeOf<FreshRequest["current_password"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<keyof TotpResponse>().toEqualTypeOf<"secret" | "uri" | "qr_svg">();
  expectTypeOf<TotpConfirmation>().toEqualTypeOf<{ readonly code: string }>();
  expectTypeOf<RecoveryCodesResponse["recovery_codes"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<FactorsResponse["recovery_codes"]>().toEqualTypeOf<number>();
});

test("a forgotten password needs no login, and what was mailed is a link or an address with its code", () => {
  expectTypeOf<ClientOptions>().toExtend<ServerOptions>();
  expectTypeOf(requestPasswordReset).parameters.toEqualTypeOf<[ServerOptions, string]>();
  expectTypeOf(disownLogin).parameters.toEqualTypeOf<[ServerOptions, string]>();
  expectTypeOf(resetPassword).returns.resolves.toEqualTypeOf<string>();
  expectTypeOf<MailRequest>().toEqualTypeOf<{ readonly email: string }>();
  expectTypeOf<{ token: string }>().toExtend<MailedSecret>();
  expectTypeOf<{ code: string }>().not.toExtend<MailedSecret>();
  expectTypeOf<PasswordResetRequest>().toExtend<MailedSecret>();
  expectTypeOf<keyof PasswordResetResponse>().toEqualTypeOf<"device_token">();
  expectTypeOf<AcceptedResponse["status"]>().toEqualTypeOf<"accepted">();
});

test("an address is confirmed with or without a login, and the answer says what it cost", () => {
  expectTypeOf(requestEmailVerification).parameters.toEqualTypeOf<[ServerOptions, string]>();
  expectTypeOf<Client | Client<undefined> | ClientOptions>().toExtend<Parameters<typeof verifyEmail>[0]>();
  expectTypeOf(verifyEmail).returns.resolves.toEqualTypeOf<boolean>();
  expectTypeOf<Client | Client<undefined>>().toExtend<Parameters<typeof changeEmail>[0]>();
  expectTypeOf<EmailChangeRequest["current_password"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf(undoEmailChange).parameters.toEqualTypeOf<[ServerOptions, string]>();
  expectTypeOf<MailedLink>().toEqualTypeOf<{ readonly token: string }>();
  expectTypeOf<VerifyRequest["password"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<VerifyResponse["password_voided"]>().toEqualTypeOf<boolean>();
});

test("a step-up gives what a login gives", () => {
  expectTypeOf<Client | Client<undefined>>().toExtend<Parameters<typeof stepUp>[0]>();
  expectTypeOf(stepUp<TokenResponse>).returns.resolves.toEqualTypeOf<TokenResponse>();
  expectTypeOf<StepUpRequest["factor"]>().toEqualTypeOf<"password" | SecondFactor>();
});

test("a passkey is made and shown in two steps, with options that a browser takes", () => {
  expectTypeOf<PasskeyCreationOptions["excludeCredentials"]>().toEqualTypeOf<readonly PasskeyDescriptor[]>();
  expectTypeOf<PasskeyRequestOptions["userVerification"]>().toEqualTypeOf<"required" | "preferred">();
  expectTypeOf<PasskeyRequest["name"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<AddedPasskeyResponse["passkey"]>().toEqualTypeOf<PasskeyResponse>();
  expectTypeOf<PasskeysResponse>().toEqualTypeOf<{ readonly passkeys: readonly PasskeyResponse[] }>();
  expectTypeOf<PasskeyNameRequest>().toEqualTypeOf<{ readonly name: string }>();
  expectTypeOf<PasskeyOptionsRequest["login_challenge"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<PasskeyLoginRequest["device_token"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<PasskeyLoginRequest["carrier"]>().toEqualTypeOf<"token" | "cookie" | undefined>();
});

test("the verbs of passkeys take a client of tokens and one of cookies, and what it was made with", () => {
  type Clients = Client | Client<undefined>;
  expectTypeOf<ClientOptions>().toExtend<PasskeyServer>();
  expectTypeOf(hasPasskeys).returns.toEqualTypeOf<boolean>();
  expectTypeOf(suggestsPasskeys).returns.resolves.toEqualTypeOf<boolean>();
  expectTypeOf<Clients>().toExtend<Parameters<typeof addPasskey>[0]>();
  expectTypeOf<Clients>().toExtend<Parameters<typeof loginWithPasskeyAsFactor>[0]>();
  expectTypeOf(loginWithPasskey<TokenResponse>).returns.resolves.toEqualTypeOf<TokenResponse>();
  expectTypeOf<Client>().toExtend<Parameters<typeof loginWithPasskey<TokenResponse>>[0]>();
  expectTypeOf<Client<undefined>>().toExtend<Parameters<typeof loginWithPasskey<undefined>>[0]>();
  expectTypeOf<ReturnType<typeof addPasskey>>().resolves.toEqualTypeOf<AddedPasskeyResponse>();
  expectTypeOf<ReturnType<typeof listPasskeys>>().resolves.toEqualTypeOf<readonly PasskeyResponse[]>();
  expectTypeOf<ReturnType<typeof renamePasskey>>().resolves.toEqualTypeOf<PasskeyResponse>();
  expectTypeOf<Parameters<typeof removePasskey>[1]>().toEqualTypeOf<string>();
  expectTypeOf<PasskeyError["problem"]>().toEqualTypeOf<PasskeyProblem>();
  expectTypeOf<PasskeyProblem>().toEqualTypeOf<"dismissed" | "exists" | "unavailable">();
});

test("administrators see of an account what its owner sees, and never a password", () => {
  expectTypeOf<AdminAccount>().toExtend<UserResponse>();
  expectTypeOf<AdminAccountsResponse["accounts"]>().toEqualTypeOf<readonly AdminAccount[]>();
  expectTypeOf<keyof AppMetadataRequest>().toEqualTypeOf<"app_metadata" | "revoke_tokens">();
  expectTypeOf<keyof InvitationRequest>().toEqualTypeOf<"email" | "roles" | "locale">();
  expectTypeOf<keyof AdminInvitation>().toEqualTypeOf<
    "id" | "email" | "roles" | "invited_by" | "sent_at" | "expires_at"
  >();
  expectTypeOf<AdminInvitationsResponse["invitations"]>().toEqualTypeOf<readonly AdminInvitation[]>();
  expectTypeOf<keyof AdminAccountRequest>().toEqualTypeOf<"email" | "name" | "roles">();
  expectTypeOf<RolesRequest>().toEqualTypeOf<{ readonly roles: readonly string[] }>();
  expectTypeOf<PermissionsResponse["permissions"]>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<UnlockResponse["guesses_in_a_row"]>().toEqualTypeOf<number>();
  expectTypeOf<AdminKeysResponse["keys"]>().toEqualTypeOf<readonly AdminKey[]>();
  expectTypeOf<AuditResponse["entries"]>().toEqualTypeOf<readonly AuditEntry[]>();
  expectTypeOf<keyof AuditChainResponse>().toEqualTypeOf<"outcome" | "rows" | "checked_at">();
  expectTypeOf<AdminKeysResponse["next_at"]>().toEqualTypeOf<string | null>();
  expectTypeOf<AuditEntry>().toExtend<ActivityRow>();
  expectTypeOf<AdminFollowersResponse["followers"]>().toEqualTypeOf<readonly AdminFollower[]>();
  expectTypeOf<AdminRevocationsResponse["revocations"]>().toEqualTypeOf<readonly AdminRevocation[]>();
  expectTypeOf<AdminStatisticsResponse["sessions"]>().toEqualTypeOf<AdminAmount>();
});
