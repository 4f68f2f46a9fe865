// What the API reference says of a route beyond its schemas: every route has one, as `config: { operation }`.
import type { TSchema } from "typebox";
import type { ServiceErrorCode } from "../errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    readonly operation?: Operation;
  }
}

/** In the order of the reference. */
export const operationTags = {
  Accounts: "The account of whoever asks.",
  Login: "With a password, for tokens or for a cookie.",
  "Second factors": "An authenticator app and recovery codes beside the password.",
  Passkeys: "Logging in with a device and whoever holds it, in place of a password or beside it.",
  Sessions: "Where somebody is logged in, and how they log out.",
  Administration: "Other people's accounts, the keys and the trail, for whom roles allow it.",
  Mail: "Addresses that are shown to be somebody's, and forgotten passwords.",
  Tokens: "The OAuth endpoints: forms in, and errors as RFC 6749 §5.2 has them.",
  Verifiers: "What services need that accept the tokens.",
  Health: "For whoever starts, watches and routes to instances.",
  Pages: "For people and browsers.",
} as const;

export interface Answer {
  /** When it comes, as a sentence without its full stop. */
  readonly description: string;
  /** Of its body, where the route has no `response` schema for the status; without either there is no body. */
  readonly type?: string;
  readonly schema?: TSchema;
}

export interface Operation {
  /** A verb and its object; no other route has it. */
  readonly id: string;
  readonly tag: keyof typeof operationTags;
  /** What it does, as a sentence without its full stop. */
  readonly summary: string;
  /** Every answer that is no refusal, by its status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What it refuses with beside that which every route of its kind does. */
  readonly refusals?: readonly (ServiceErrorCode | readonly [code: ServiceErrorCode, status: number])[];
  /** Who is let in; without it, everybody. */
  readonly caller?: "person" | "client" | "follower";
  /** Errors as RFC 6749 §5.2 has them, in place of problem documents. */
  readonly errors?: "oauth";
}
