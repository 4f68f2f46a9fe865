// @countersign/client: signs in, keeps the token and attaches it. Owns the wire types. No dependencies.
export { createClient } from "./client.ts";
export type { Client, ClientOptions } from "./client.ts";
export { ApiError, NetworkError, NotLoggedInError } from "./errors.ts";
export type {
  IntrospectionResponse,
  LoginRequest,
  LogoutRequest,
  LogoutScope,
  PasswordRequest,
  ProblemResponse,
  ProfileRequest,
  RevocationEvent,
  RevocationSnapshot,
  RevokedSession,
  SessionResponse,
  SignupRequest,
  TokenErrorResponse,
  TokenResponse,
  UserResponse,
} from "./wire.ts";
