// What every change of an account's factors takes, and what it is refused with.
import type { FreshRequest } from "@countersign/client";
import type { FastifyRequest } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { originOf } from "../http/origin.ts";
import { requesterOf } from "../http/requester.ts";
import type { Asking } from "./my-factors.ts";

export type Fresh = { Body: FreshRequest | null | undefined };

/** What each change is refused with that needs a fresh login at the account's highest level. */
export const ofFreshness = [
  "factor_missing",
  "authentication_too_old",
  ["invalid_credentials", 403],
  "too_many_attempts",
  "busy",
] as const;

export function askingOf(request: FastifyRequest<Fresh>): Asking {
  return {
    by: currentUser(request),
    password: request.body?.current_password,
    origin: originOf(request),
    requester: requesterOf(request),
  };
}
