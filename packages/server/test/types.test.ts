// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import type { Authenticator, Requirements } from "@countersign/verifier";
import type { FastifyInstance, FastifyPluginAsync, onRequestHookHandler } from "fastify";
import type { RequestListener, Server } from "node:http";
import Type from "typebox";
import { expectTypeOf, test } from "vitest";
import { type SchemaOf, schemaOf } from "../src/http/schema.ts";
import {
  announceFirstAdministrator,
  type ConfigError,
  countersign,
  createApp,
  createHandler,
  explainStart,
  type KeyError,
  optionsOfEnvironment,
  type ServiceError,
  stopOnSignals,
  type StoreError,
} from "../src/index.ts";
import type {
  AfterHook,
  Auth,
  BeforeHook,
  ClaimsAccount,
  ClaimsFunction,
  ClaimsSession,
  CountersignOptions,
  FieldsSchema,
  Handler,
  HookEvents,
  HookName,
  HookRefusal,
  Hooks,
  HookSession,
  KeyErrorCode,
  ServiceErrorCode,
  ServiceErrorOptions,
  StandardResult,
  StandardSchema,
  FirstAdministratorOptions,
  StartOptions,
  StoppableApp,
  StoppableProcess,
  StoreErrorCode,
} from "../src/index.ts";

test("CountersignOptions need an issuer; all else has a default", () => {
  expectTypeOf<{ issuer: string }>().toExtend<CountersignOptions>();
  expectTypeOf<object>().not.toExtend<CountersignOptions>();
  expectTypeOf<"RS512" | "none">().not.toExtend<CountersignOptions["algorithm"]>();
  expectTypeOf(countersign).toEqualTypeOf<FastifyPluginAsync<CountersignOptions>>();
  expectTypeOf(createApp).parameter(0).toEqualTypeOf<CountersignOptions>();
  expectTypeOf(createApp).returns.toEqualTypeOf<FastifyInstance>();
});

test("claims are of an account and its login, and may be a promise", () => {
  expectTypeOf<NonNullable<CountersignOptions["claims"]>>().toEqualTypeOf<ClaimsFunction>();
  expectTypeOf<ClaimsFunction>().parameters.toEqualTypeOf<[ClaimsAccount, ClaimsSession, AbortSignal]>();
  expectTypeOf<() => Promise<object>>().toExtend<ClaimsFunction>();
});

test("hooks are told of their own event, and refuse or let pass", () => {
  expectTypeOf<keyof HookEvents>().toEqualTypeOf<HookName>();
  expectTypeOf<BeforeHook<"login">>().parameter(0).toEqualTypeOf<HookEvents["login"]>();
  expectTypeOf<HookSession>().toExtend<ClaimsSession>();
  expectTypeOf<AfterHook<"signup">>().parameter(0).toEqualTypeOf<{ readonly account: ClaimsAccount }>();
  expectTypeOf<() => HookRefusal>().toExtend<BeforeHook<"deletion">>();
  expectTypeOf<{ reason: string; detail: string; status: 402 }>().toExtend<HookRefusal>();
  expectTypeOf<{ reason: string; detail: string; status: 401 }>().not.toExtend<HookRefusal>();
  expectTypeOf<() => boolean>().not.toExtend<BeforeHook<"deletion">>();
  expectTypeOf<NonNullable<CountersignOptions["hooks"]>>().toEqualTypeOf<Hooks>();
});

test("schemas of accounts are JSON Schemas or Standard Schemas", () => {
  expectTypeOf<{ type: "object" }>().toExtend<FieldsSchema>();
  expectTypeOf<StandardSchema>().toExtend<NonNullable<CountersignOptions["metadataSchema"]>>();
  expectTypeOf<{ value: unknown }>().toExtend<StandardResult>();
});

test("an environment may lack the issuer, and so the compiler asks for it", () => {
  expectTypeOf(optionsOfEnvironment).returns.not.toExtend<CountersignOptions>();
  expectTypeOf(optionsOfEnvironment).returns.toHaveProperty("issuer");
  const withIssuer = (issuer: string) => ({ issuer, ...optionsOfEnvironment({}) });
  expectTypeOf(withIssuer).returns.toExtend<CountersignOptions>();
});

test("Auth stands on every app, with guards that Fastify takes as hooks", () => {
  expectTypeOf<FastifyInstance["auth"]>().toEqualTypeOf<Auth>();
  expectTypeOf<Auth["required"]>().returns.toEqualTypeOf<onRequestHookHandler>();
  expectTypeOf<Requirements>().toExtend<NonNullable<Parameters<Auth["required"]>[0]>>();
  expectTypeOf<Auth>().toHaveProperty("database");
});

test("every error has a code of a closed list, or the list of what is wrong", () => {
  expectTypeOf<ServiceError["code"]>().toEqualTypeOf<ServiceErrorCode>();
  expectTypeOf<KeyError["code"]>().toEqualTypeOf<KeyErrorCode>();
  expectTypeOf<StoreError["code"]>().toEqualTypeOf<StoreErrorCode>();
  expectTypeOf<ConfigError["problems"]>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<string>().not.toExtend<ServiceErrorCode | KeyErrorCode | StoreErrorCode>();
  type Arguments = ConstructorParameters<typeof ServiceError>;
  expectTypeOf<Arguments[0]>().toEqualTypeOf<ServiceErrorCode>();
  expectTypeOf<Arguments[1]>().toEqualTypeOf<ServiceErrorOptions | undefined>();
});

test("a schema that says something else than its wire type does not compile", () => {
  const name = Type.Object({ name: Type.String() });
  expectTypeOf(schemaOf<{ readonly name: string }>()(name)).toEqualTypeOf<
    SchemaOf<{ readonly name: string }>
  >();
  // @ts-expect-error a member is missing on the wire
  schemaOf<{ readonly name: string; readonly email: string }>()(name);
  // @ts-expect-error a member is missing in the schema's own words
  schemaOf<object>()(name);
  // @ts-expect-error optional is not required
  schemaOf<{ readonly name?: string }>()(name);
  // @ts-expect-error a text is no number
  schemaOf<{ readonly name: number }>()(name);
});

test("a failed start is explained with what its user can set, and needs no database", () => {
  expectTypeOf(explainStart).toEqualTypeOf<(error: unknown, options: StartOptions) => string>();
  expectTypeOf<{ portIsSetBy: string }>().toExtend<StartOptions>();
  expectTypeOf(announceFirstAdministrator).parameter(1).toEqualTypeOf<FirstAdministratorOptions>();
  expectTypeOf<{ tell: undefined }>().toExtend<FirstAdministratorOptions>();
});

test("what stops on signals is an app with the plugin, or whatever has a server and closes", () => {
  expectTypeOf<{ server: Server; close: () => Promise<void> }>().toExtend<StoppableApp>();
  expectTypeOf<NodeJS.Process>().toExtend<StoppableProcess>();
  expectTypeOf(stopOnSignals).parameter(0).toEqualTypeOf<FastifyInstance | StoppableApp>();
});

test("a Handler is a listener of node:http, and has what guards of the same process ask", () => {
  expectTypeOf(createHandler).parameter(0).toEqualTypeOf<CountersignOptions>();
  expectTypeOf(createHandler).returns.toEqualTypeOf<Handler>();
  expectTypeOf<Handler>().toExtend<RequestListener>();
  expectTypeOf<Handler["verifier"]>().toEqualTypeOf<Authenticator>();
});
