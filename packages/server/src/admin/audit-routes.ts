// GET /admin/audit: the audit trail, of everybody or of one account.
import type { AuditResponse } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import type { AuditTrail } from "../audit/trail.ts";
import { noStore } from "../http/never-cached.ts";
import { isoTime } from "../iso-time.ts";
import type { AdminGuard } from "./guard.ts";
import { type AuditQuery, auditQuery, auditReply } from "./schemas.ts";

export interface AdminAuditRoutesOptions {
  readonly audit: Pick<AuditTrail, "list">;
  readonly adminGuard: AdminGuard;
}

const defaultLimit = 30;

export const adminAuditRoutes: FastifyPluginAsync<AdminAuditRoutesOptions> = async (app, options) => {
  const { audit, adminGuard } = options;

  app.get<{ Querystring: AuditQuery }>(
    "/admin/audit",
    {
      onRequest: adminGuard.may("audit:read"),
      onSend: noStore,
      config: {
        cors: false,
        operation: {
          id: "listAudit",
          tag: "Administration",
          summary: "List the audit trail, of everybody or of one account, newest first",
          answers: {
            200: {
              description: "At most `limit` rows; `before` is the `seq` of the last one that is known",
              schema: auditReply,
            },
          },
          caller: "person",
          refusals: ["forbidden"],
        },
      },
      schema: { querystring: auditQuery },
    },
    async ({ query: { account, before, limit = defaultLimit } }): Promise<AuditResponse> => {
      const rows = await audit.list({
        limit: Number(limit),
        ...(before === undefined ? {} : { before: Number(before) }),
        ...(account === undefined ? {} : { userId: account }),
      });
      return {
        entries: rows.map(({ seq, atMs, event, actorId, userId, sid, address, detail }) => ({
          seq,
          at: isoTime(atMs),
          event,
          actor_id: actorId,
          user_id: userId,
          sid,
          address,
          detail,
        })),
      };
    },
  );
};
