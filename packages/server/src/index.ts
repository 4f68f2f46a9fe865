// @countersign/server: accounts, login and tokens for an API of one's own.
export { createApp } from "./app.ts";
export { answerError } from "./http/problems.ts";
export { explainStart } from "./explain-start.ts";
export type { StartOptions } from "./explain-start.ts";
export { announceFirstAdministrator } from "./first-administrator.ts";
export type { FirstAdministratorOptions } from "./first-administrator.ts";
export { stopOnSignals } from "./graceful-stop.ts";
export type { StoppableApp, StoppableProcess } from "./graceful-stop.ts";
export { createHandler } from "./handler.ts";
export type { Handler } from "./handler.ts";
export { countersign } from "./plugin.ts";
export type { Auth } from "./plugin.ts";
export { optionsOfEnvironment } from "./settings/environment.ts";
export type { ClaimsAccount, ClaimsFunction, ClaimsSession } from "./settings/claims.ts";
export type { CountersignOptions } from "./settings/countersign-options.ts";
export { ConfigError, ServiceError } from "./errors.ts";
export type { ServiceErrorCode, ServiceErrorOptions } from "./errors.ts";
export type { FieldsSchema, StandardResult, StandardSchema } from "./settings/fields-schema.ts";
export type {
  AfterHook,
  BeforeHook,
  HookEvents,
  HookName,
  HookRefusal,
  Hooks,
  HookSession,
} from "./settings/hooks.ts";
export { KeyError } from "./keys/error.ts";
export type { KeyErrorCode } from "./keys/error.ts";
export { StoreError } from "./database/errors.ts";
export type { StoreErrorCode } from "./database/errors.ts";
