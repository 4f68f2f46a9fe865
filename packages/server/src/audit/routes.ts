// GET /me/activity: what the audit trail says of the account that asks.
import type { ActivityResponse } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import Type from "typebox";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import {
  defaultPageLimit,
  numberedPage,
  type NumberedPageQuery,
  type SchemaOf,
  schemaOf,
  strict,
} from "../http/schema.ts";
import type { AuditTrail } from "./trail.ts";

export interface AuditRoutesOptions {
  readonly audit: Pick<AuditTrail, "list">;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

const activityQuery: SchemaOf<NumberedPageQuery> = schemaOf<NumberedPageQuery>()(
  Type.Object(numberedPage, strict),
);

/** Written as it is: `detail` holds what each event has to say. */
const activityReply: SchemaOf<ActivityResponse> = schemaOf<ActivityResponse>()(
  Type.Object({
    activity: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        at: Type.String(),
        event: Type.String(),
        sid: Type.Union([Type.String(), Type.Null()]),
        address: Type.Union([Type.String(), Type.Null()]),
        detail: Type.Record(
          Type.String(),
          Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())]),
        ),
      }),
    ),
  }),
);

export const auditRoutes: FastifyPluginAsync<AuditRoutesOptions> = async (app, { audit, loggedIn }) => {
  app.get<{ Querystring: NumberedPageQuery }>(
    "/me/activity",
    {
      onRequest: loggedIn,
      onSend: noStore,
      config: {
        operation: {
          id: "listActivity",
          tag: "Accounts",
          summary: "List what the audit trail says of the account, newest first",
          answers: {
            200: {
              description: "At most `limit` rows; `before` is the `seq` of the last one that is known",
              schema: activityReply,
            },
          },
          caller: "person",
        },
      },
      schema: { querystring: activityQuery },
    },
    async (request): Promise<ActivityResponse> => {
      const { limit = defaultPageLimit, before } = request.query;
      const rows = await audit.list({
        userId: currentUser(request).userId,
        limit: Number(limit),
        ...(before === undefined ? {} : { before: Number(before) }),
      });
      return {
        activity: rows.map(({ seq, atMs, event, sid, address, detail }) => ({
          seq,
          at: new Date(atMs).toISOString(),
          event,
          sid,
          address,
          detail,
        })),
      };
    },
  );
};
