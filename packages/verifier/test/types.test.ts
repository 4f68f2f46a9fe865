// What the compiler knows of each public type, and of an identity in each framework; judged by `tsc`, not when the test runs.
import type { KeySet, Verified } from "@countersign/token";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { Request as ExpressRequest, RequestHandler } from "express";
import type { CanActivate, DynamicModule } from "@nestjs/common";
import { Hono, type MiddlewareHandler } from "hono";
import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from "node:http";
import type { Namespace, Server as SocketIoServer, Socket } from "socket.io";
import { expectTypeOf, test } from "vitest";
import type { WebSocket, WebSocketServer } from "ws";
import { createGuard as createFetchGuard, toResponse } from "../src/frameworks/fetch.ts";
import type { FetchCheck, FetchGuard } from "../src/frameworks/fetch.ts";
import { createGuard as createHonoGuard } from "../src/frameworks/hono.ts";
import type { HonoGuard, HonoIdentity } from "../src/frameworks/hono.ts";
import { createGuard as createNodeGuard } from "../src/frameworks/node.ts";
import type { NodeGuard, NodeHandler } from "../src/frameworks/node.ts";
import type { ExpressGuard } from "../src/frameworks/express.ts";
import type { FastifyGuard } from "../src/frameworks/fastify.ts";
import {
  type AccessGuard,
  CountersignModule,
  Identity as IdentityParameter,
} from "../src/frameworks/nest.ts";
import type {
  CountersignModuleAsyncOptions,
  Identity as NestIdentity,
  NestRequirements,
} from "../src/frameworks/nest.ts";
import type {
  PlainSocket,
  PlainSocketServer,
  SocketIoNamespace,
  SocketIoSocket,
  WebSocketGuard,
} from "../src/frameworks/websocket.ts";
import {
  type AccessError,
  allowAnonymous,
  createAccessVerifier,
  identityOf,
  identityOfSession,
  requireIdentity,
  type RevocationList,
} from "../src/index.ts";
import type {
  AccessClaims,
  AppClaims,
  AccessErrorCode,
  AccessErrorOptions,
  AccessProblem,
  AccessVerifier,
  AccessVerifierOptions,
  FeedCredentials,
  JwkSetReading,
  AccessVerifierStatus,
  Authenticator,
  Credentials,
  Guard,
  Identity,
  IssuerErrorCode,
  KeysStatus,
  KnownSession,
  RawRequest,
  Requirements,
  RevocableClaims,
  Revocation,
  RevocationObserver,
  ListedRevocations,
  RevocationsStatus,
  VerifierEvent,
} from "../src/index.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";

const verifier = createAccessVerifier({ issuer, audience, keys: issuerWithSecret().keys, revocations: null });

test("Fastify and Express requests have an identity that may be missing", () => {
  expectTypeOf<FastifyRequest["identity"]>().toEqualTypeOf<Identity | undefined>();
  expectTypeOf<ExpressRequest["identity"]>().toEqualTypeOf<Identity | undefined>();
});

test("behind required() Hono's context has an identity, behind optional() it may be missing", () => {
  const guard = createHonoGuard(verifier);
  new Hono()
    .get("/a", guard.required(), (context) => {
      expectTypeOf(context.var.identity).toEqualTypeOf<Identity>();
      expectTypeOf(context.get("identity")).toEqualTypeOf<Identity>();
      return context.body(null);
    })
    .get("/b", guard.optional(), (context) => {
      expectTypeOf(context.var.identity).toEqualTypeOf<Identity | undefined>();
      return context.body(null);
    });
});

test("handlers of node:http are typed by their guard", () => {
  const guard = createNodeGuard(verifier);
  guard.required((request) => expectTypeOf(request.identity).toEqualTypeOf<Identity>());
  guard.optional((request) => expectTypeOf(request.identity).toEqualTypeOf<Identity | undefined>());
});

test("a fetch check is an identity once the response has been returned", async () => {
  const guard = createFetchGuard(verifier);
  const request = new Request("https://api.example");
  const identity = await guard.required()(request);
  if (!(identity instanceof Response)) expectTypeOf(identity).toEqualTypeOf<Identity>();
  const visitor = await guard.optional()(request);
  if (!(visitor instanceof Response)) expectTypeOf(visitor).toEqualTypeOf<Identity | undefined>();
});

test("AccessVerifierOptions demand issuer and audience; all else has a default", () => {
  interface Required {
    readonly issuer: string;
    readonly audience: string;
  }
  expectTypeOf<Pick<AccessVerifierOptions, keyof Required>>().toEqualTypeOf<Required>();
  expectTypeOf<Required>().toExtend<AccessVerifierOptions>();
  expectTypeOf<AccessVerifierOptions["keys"]>().toEqualTypeOf<KeySet | (() => KeySet) | undefined>();
  expectTypeOf<AccessVerifierOptions["revocations"]>().toEqualTypeOf<RevocationList | null | undefined>();
  expectTypeOf<AccessVerifierOptions["whenStale"]>().toEqualTypeOf<
    "accept-until-expiry" | "reject" | undefined
  >();
});

test("an AccessVerifier is an Authenticator that answers at once or promises to", () => {
  expectTypeOf(createAccessVerifier).toEqualTypeOf<(options: AccessVerifierOptions) => AccessVerifier>();
  expectTypeOf<AccessVerifier>().toExtend<Authenticator>();
  expectTypeOf<Authenticator["authenticate"]>().toEqualTypeOf<
    (credentials: Credentials) => Identity | Promise<Identity>
  >();
  expectTypeOf<Authenticator["now"]>().toEqualTypeOf<() => number>();
});

test("Credentials are a header's value, or whatever carries the headers", () => {
  expectTypeOf<Credentials>().toEqualTypeOf<
    string | undefined | Headers | IncomingHttpHeaders | RawRequest
  >();
  expectTypeOf<IncomingMessage>().toExtend<RawRequest>();
  expectTypeOf<number | null>().not.toExtend<Credentials>();
});

test("an Identity is read-only and has the verified AccessClaims", () => {
  expectTypeOf<Identity["claims"]>().toEqualTypeOf<Verified<AccessClaims>>();
  expectTypeOf<Identity["subject"]>().toEqualTypeOf<string>();
  expectTypeOf<Identity["sessionId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Identity["roles" | "scope"]>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<Identity["authTime"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Omit<AccessClaims, keyof AppClaims>>().toEqualTypeOf<{
    readonly sid?: string;
    readonly auth_time?: number;
    readonly acr?: string;
    readonly amr?: readonly string[];
    readonly roles?: readonly string[];
    readonly scope?: string;
  }>();
  expectTypeOf(identityOfSession).toEqualTypeOf<(session: KnownSession) => Identity>();
  expectTypeOf<KnownSession>().toEqualTypeOf<{
    readonly userId: string;
    readonly sid: string;
    readonly roles: readonly string[];
    readonly authTime: number;
    readonly acr?: string | undefined;
    readonly amr?: readonly string[] | undefined;
  }>();
  expectTypeOf<Identity["factors"]>().toEqualTypeOf<1 | 2>();
});

test("a Guard of optional() may find nobody, one of required() always somebody", () => {
  expectTypeOf(requireIdentity).returns.toEqualTypeOf<Guard>();
  expectTypeOf<ReturnType<Guard>>().toEqualTypeOf<Identity | Promise<Identity>>();
  expectTypeOf(allowAnonymous).returns.toEqualTypeOf<Guard<Identity | undefined>>();
  expectTypeOf<Guard<Identity | undefined>>().not.toExtend<Guard>();
  expectTypeOf(identityOf).returns.toEqualTypeOf<Identity>();
});

test("Requirements are lists and an age, and may all be left out", () => {
  expectTypeOf<Requirements>().toEqualTypeOf<{
    readonly roles?: readonly string[] | undefined;
    readonly scope?: readonly string[] | undefined;
    readonly factors?: 1 | 2 | undefined;
    readonly maxAuthAgeSeconds?: number | undefined;
  }>();
});

test("an AccessError has a code of a closed list and the answer that goes with it", () => {
  expectTypeOf<AccessError>().toExtend<Error>();
  expectTypeOf<AccessError["code"]>().toEqualTypeOf<AccessErrorCode>();
  expectTypeOf<AccessError["problem"]>().toEqualTypeOf<AccessProblem>();
  type Arguments = ConstructorParameters<typeof AccessError>;
  expectTypeOf<Arguments[0]>().toEqualTypeOf<AccessErrorCode>();
  expectTypeOf<Arguments[1]>().toEqualTypeOf<AccessErrorOptions | undefined>();
  expectTypeOf<string>().not.toExtend<AccessErrorCode>();
  expectTypeOf<AccessProblem["code"]>().toEqualTypeOf<AccessErrorCode>();
  expectTypeOf<AccessProblem["status"]>().toEqualTypeOf<401 | 403 | 503>();
});

test("the status tells of keys, revocations and counts by code", () => {
  expectTypeOf<AccessVerifierStatus["keys"]>().toEqualTypeOf<KeysStatus>();
  expectTypeOf<AccessVerifierStatus["revocations"]>().toEqualTypeOf<RevocationsStatus>();
  expectTypeOf<AccessVerifierStatus["refused"]>().toEqualTypeOf<
    Readonly<Partial<Record<AccessErrorCode, number>>>
  >();
  expectTypeOf<RevocationsStatus["state"]>().toEqualTypeOf<"missing" | "fresh" | "stale">();
  expectTypeOf<KeysStatus["lastFailure"]>().toEqualTypeOf<IssuerErrorCode | undefined>();
  expectTypeOf<string>().not.toExtend<IssuerErrorCode>();
});

test("a VerifierEvent is told from the others by its type", () => {
  expectTypeOf<Extract<VerifierEvent, { type: "refused" }>["code"]>().toEqualTypeOf<AccessErrorCode>();
  expectTypeOf<Extract<VerifierEvent, { type: "keys_failed" }>["reason"]>().toEqualTypeOf<string>();
  expectTypeOf<string>().not.toExtend<VerifierEvent["type"]>();
});

test("a RevocationList takes a ListedRevocations and Revocations, and judges RevocableClaims", () => {
  expectTypeOf<RevocationList["update"]>().parameter(0).toEqualTypeOf<ListedRevocations>();
  expectTypeOf<RevocationList["apply"]>().parameter(0).toEqualTypeOf<Revocation>();
  expectTypeOf<RevocationList["isRevoked"]>().parameter(0).toEqualTypeOf<RevocableClaims>();
  expectTypeOf<RevocationList["isRevoked"]>().returns.toEqualTypeOf<boolean>();
  expectTypeOf<Verified<AccessClaims>>().toExtend<RevocableClaims>();
});

test("whoever observes revocations gets one, or undefined for a whole new list", () => {
  expectTypeOf<RevocationObserver>().parameter(0).toEqualTypeOf<Revocation | undefined>();
  expectTypeOf<AccessVerifier["observeRevocations"]>().parameter(0).toEqualTypeOf<RevocationObserver>();
  expectTypeOf<RevocationList["observe"]>().parameter(0).toEqualTypeOf<RevocationObserver>();
});

test("NestJS takes our guard, module and decorators, and a parameter is an Identity", () => {
  expectTypeOf<AccessGuard>().toExtend<CanActivate>();
  expectTypeOf<NestIdentity>().toEqualTypeOf<Identity>();
  expectTypeOf(IdentityParameter).toEqualTypeOf<() => ParameterDecorator>();
  expectTypeOf<NestRequirements>().toEqualTypeOf<Omit<Requirements, "roles">>();
  expectTypeOf(CountersignModule.forRoot).returns.toEqualTypeOf<DynamicModule>();
  expectTypeOf(CountersignModule.forRootAsync).parameter(0).toEqualTypeOf<CountersignModuleAsyncOptions>();
});

test("a WebSocketGuard takes the servers and sockets of ws and Socket.IO as they are", () => {
  expectTypeOf<WebSocketServer>().toExtend<PlainSocketServer>();
  expectTypeOf<WebSocket>().toExtend<PlainSocket>();
  expectTypeOf<SocketIoServer>().toExtend<SocketIoNamespace>();
  expectTypeOf<Namespace>().toExtend<SocketIoNamespace>();
  expectTypeOf<Socket>().toExtend<SocketIoSocket>();
  expectTypeOf<WebSocketGuard["identityOf"]>().returns.toEqualTypeOf<Identity>();
});

test("the guards of the frameworks make what the framework takes", () => {
  expectTypeOf<ExpressGuard["required"]>().returns.toEqualTypeOf<RequestHandler>();
  expectTypeOf<FastifyGuard["required"]>().returns.toEqualTypeOf<onRequestHookHandler>();
  expectTypeOf<HonoGuard["required"]>().returns.toEqualTypeOf<MiddlewareHandler<HonoIdentity<Identity>>>();
  expectTypeOf<NodeGuard["required"]>().parameter(0).toEqualTypeOf<NodeHandler<Identity>>();
  expectTypeOf<NodeGuard["required"]>().returns.toEqualTypeOf<RequestListener>();
  expectTypeOf<FetchGuard["required"]>().returns.toEqualTypeOf<FetchCheck<Identity>>();
  expectTypeOf(toResponse).toEqualTypeOf<(error: AccessError) => Response>();
});

test("a follower names itself, and a JWK Set may be read with what it leaves out", () => {
  expectTypeOf<FeedCredentials>().toEqualTypeOf<{ readonly id: string; readonly secret: string }>();
  expectTypeOf<{ algorithm: "RS256"; tryKeysWithoutKid: true }>().toExtend<JwkSetReading>();
  expectTypeOf<object>().toExtend<JwkSetReading>();
  expectTypeOf<{ algorithm: "RS257" }>().not.toExtend<JwkSetReading>();
});
