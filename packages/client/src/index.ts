// @countersign/client: logs in, keeps the login, attaches and renews it. Owns the wire types. No
//   dependencies.
export { createClient } from "./client.ts";
export type { Client, ClientOptions, LogoutOptions } from "./client.ts";
export type { Change } from "./changes.ts";
export {
  AccountChangedError,
  ApiError,
  InvalidResponseError,
  NetworkError,
  NotLoggedInError,
  RedirectError,
  SecondFactorRequiredError,
} from "./errors.ts";
export { cookieSession, memoryStorage, webStorage } from "./storage.ts";
export type { ClientStorage, CookieSession, WebStorageArea } from "./storage.ts";
export type {
  AdminAccount,
  AdminAccountRequest,
  AdminAccountsResponse,
  AdminKey,
  AdminKeysResponse,
  AppMetadataRequest,
  AuditEntry,
  AuditResponse,
  RolesRequest,
  UnlockResponse,
} from "./admin-wire.ts";
export type {
  AcceptedResponse,
  ActivityResponse,
  ActivityRow,
  DevMailMessage,
  DevMailResponse,
  EmailChangeRequest,
  FactorRequest,
  FactorsResponse,
  FreshRequest,
  IntrospectionResponse,
  LoginRequest,
  LogoutRequest,
  LogoutScope,
  MailedLink,
  MailedSecret,
  MailRequest,
  PasswordRequest,
  PasswordResetRequest,
  PasswordResetResponse,
  ProblemResponse,
  ProfileRequest,
  RecoveryCodesResponse,
  RevocationEvent,
  RevocationSnapshot,
  RemovalRequest,
  RevokedSession,
  SecondFactor,
  SecondFactorProblem,
  SessionResponse,
  SessionsResponse,
  SignupRequest,
  TokenErrorResponse,
  TokenResponse,
  TotpConfirmation,
  TotpResponse,
  UserResponse,
  VerifyRequest,
  VerifyResponse,
} from "./wire.ts";
