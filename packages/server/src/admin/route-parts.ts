// What admin routes share: how they are described, and who asks.
import type { FastifyRequest } from "fastify";
import { currentUser } from "../http/current-user.ts";
import type { Operation } from "../http/operation.ts";
import { originOf } from "../http/origin.ts";
import type { AccountActor } from "./actor.ts";

/** The same for what wants a fresh login. */
export function describeFresh(
  ...[id, summary, answers, refusals = []]: Parameters<typeof describe>
): ReturnType<typeof describe> {
  return describe(id, summary, answers, ["authentication_too_old", ...refusals]);
}

/** No page of another origin is let in, and every route is described alike. */
export function describe(
  id: string,
  summary: string,
  answers: Operation["answers"],
  refusals: NonNullable<Operation["refusals"]> = [],
): { readonly cors: false; readonly operation: Operation } {
  return {
    cors: false,
    operation: {
      id,
      tag: "Administration",
      summary,
      answers,
      caller: "person",
      refusals: ["forbidden", ...refusals],
    },
  };
}

export function actorOf(request: FastifyRequest): AccountActor {
  const { userId, sid, issuedAt, amr } = currentUser(request);
  return { userId, sid, issuedAt, amr, address: originOf(request).address };
}
