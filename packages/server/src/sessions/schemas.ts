// What the routes of sessions take and give.
import type { LogoutRequest, SessionsResponse } from "@countersign/client";
import Type from "typebox";
import { type SchemaOf, schemaOf, strict } from "../http/schema.ts";

export const logoutBody: SchemaOf<LogoutRequest> = schemaOf<LogoutRequest>()(
  Type.Object(
    {
      scope: Type.Optional(
        Type.Union([Type.Literal("session"), Type.Literal("others"), Type.Literal("all")]),
      ),
      forget: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
);

export const sessionParams: SchemaOf<{ id: string }> = schemaOf<{ id: string }>()(
  Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9_-]{22}$" }) }, strict),
);

export const sessionsReply: SchemaOf<SessionsResponse> = schemaOf<SessionsResponse>()(
  Type.Object({
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.Union([Type.Literal("token"), Type.Literal("cookie")]),
        device: Type.Union([Type.String(), Type.Null()]),
        address: Type.Union([Type.String(), Type.Null()]),
        created_at: Type.String(),
        last_used_at: Type.String(),
        current: Type.Boolean(),
      }),
    ),
  }),
);
