// @countersign/server: accounts, login and tokens for an API of one's own.
export { countersign, createApp } from "./app.ts";
export type { Auth } from "./app.ts";
export { optionsOfEnvironment } from "./config.ts";
export type { CountersignOptions } from "./config.ts";
export { ConfigError, ServiceError } from "./errors.ts";
export type { ServiceErrorCode, ServiceErrorOptions } from "./errors.ts";
export { KeyError } from "./services/key-error.ts";
export type { KeyErrorCode } from "./services/key-error.ts";
export { StoreError } from "./store/errors.ts";
export type { StoreErrorCode } from "./store/errors.ts";
