// @countersign/client: signs in, keeps the tokens, attaches and renews them. Owns the wire types. No dependencies.
export { createClient } from "./client.ts";
export type { Client, ClientOptions } from "./client.ts";
export { ApiError, NetworkError, NotLoggedInError } from "./errors.ts";
export { memoryStorage, webStorage } from "./token-storage.ts";
export type { TokenStorage, WebStorageArea } from "./token-storage.ts";
export type {
  ActivityResponse,
  ActivityRow,
  IntrospectionResponse,
  LoginRequest,
  LogoutRequest,
  LogoutScope,
  PasswordRequest,
  ProblemResponse,
  ProfileRequest,
  RevocationEvent,
  RevocationSnapshot,
  RemovalRequest,
  RevokedSession,
  SessionResponse,
  SessionsResponse,
  SignupRequest,
  TokenErrorResponse,
  TokenResponse,
  UserResponse,
} from "./wire.ts";
