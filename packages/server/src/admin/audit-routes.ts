// GET /admin/audit: the audit trail, of everybody or of one account, and whether its chain is whole.
import type { AuditChainResponse, AuditResponse } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import type { AuditTrail } from "../audit/trail.ts";
import { noStore } from "../http/never-cached.ts";
import { defaultPageLimit } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import { createChainCheck } from "./chain-check.ts";
import type { AdminGuard } from "./guard.ts";
import { auditChainReply, type AuditQuery, auditQuery, auditReply } from "./schemas.ts";

export interface AdminAuditRoutesOptions {
  readonly audit: Pick<AuditTrail, "list" | "verifyChain">;
  readonly adminGuard: AdminGuard;
}

export const adminAuditRoutes: FastifyPluginAsync<AdminAuditRoutesOptions> = async (app, options) => {
  const { audit, adminGuard } = options;
  const checkChain = createChainCheck(audit);

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
    async ({ query: { account, before, limit = defaultPageLimit } }): Promise<AuditResponse> => {
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

  app.get(
    "/admin/audit/chain",
    {
      onRequest: adminGuard.may("audit:read"),
      onSend: noStore,
      config: {
        cors: false,
        operation: {
          id: "checkAuditChain",
          tag: "Administration",
          summary: "Check the audit trail's chain of hashes, over every row",
          answers: {
            200: { description: "Whether it is whole, and how many rows hold; at most ten seconds old" },
          },
          caller: "person",
          refusals: ["forbidden"],
        },
      },
      schema: { response: { 200: auditChainReply } },
    },
    async (): Promise<AuditChainResponse> => checkChain(),
  );
};
