// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import { expectTypeOf, test } from "vitest";
import {
  type ApiError,
  cookieSession,
  createClient,
  memoryStorage,
  type NetworkError,
  type NotLoggedInError,
  webStorage,
} from "../src/index.ts";
import type {
  Change,
  Client,
  ClientOptions,
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
  ClientStorage,
  UserResponse,
  WebStorageArea,
} from "../src/index.ts";

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
  expectTypeOf<Client["getAccessToken"]>().returns.resolves.toEqualTypeOf<string | undefined>();
});

test("a ClientStorage may answer at once or later, and localStorage is a WebStorageArea", () => {
  expectTypeOf<ClientOptions["storage"]>().toEqualTypeOf<ClientStorage | undefined>();
  expectTypeOf<ClientStorage["read"]>().returns.toEqualTypeOf<string | null | Promise<string | null>>();
  expectTypeOf(cookieSession).returns.toExtend<ClientStorage>();
  expectTypeOf<Parameters<typeof createClient>[0]["storage"]>().toExtend<ClientStorage | undefined>();
  expectTypeOf(memoryStorage).returns.toEqualTypeOf<ClientStorage>();
  expectTypeOf(webStorage).parameter(0).toEqualTypeOf<WebStorageArea>();
  expectTypeOf<Pick<Map<string, string>, "get">>().not.toExtend<WebStorageArea>();
});

test("requests ask for what the routes need, and for no more", () => {
  expectTypeOf<{ email: string; password: string }>().toExtend<SignupRequest & LoginRequest>();
  expectTypeOf<{ email: string }>().not.toExtend<SignupRequest | LoginRequest>();
  expectTypeOf<LogoutRequest>().toEqualTypeOf<{ readonly scope?: LogoutScope }>();
  expectTypeOf<LogoutScope>().toEqualTypeOf<"session" | "others" | "all">();
  expectTypeOf<ProfileRequest>().toEqualTypeOf<{ readonly name?: string | null }>();
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
