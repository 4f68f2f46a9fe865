// GET /admin/revocations: what was revoked and may still matter, whoever may follow the feed.
import type { AdminRevocationsResponse } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { defaultPageLimit, type NumberedPageQuery } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import type { RevocationListing } from "../revocations/listing.ts";
import type { AdminGuard } from "./guard.ts";
import { describe } from "./route-parts.ts";
import { revocationsQuery, revocationsReply } from "./schemas.ts";

export interface AdminRevocationRoutesOptions {
  readonly listRevocations: RevocationListing;
  readonly adminGuard: AdminGuard;
}

export const adminRevocationRoutes: FastifyPluginAsync<AdminRevocationRoutesOptions> = async (
  app,
  { listRevocations, adminGuard },
) => {
  app.get<{ Querystring: NumberedPageQuery }>(
    "/admin/revocations",
    {
      onRequest: adminGuard.may("audit:read"),
      onSend: noStore,
      config: describe("listRevocations", "List what was revoked and may still matter, newest first", {
        200: { description: "At most `limit`; `before` is the `number` of the last one that is known" },
      }),
      schema: { querystring: revocationsQuery, response: { 200: revocationsReply } },
    },
    async ({ query: { before, limit = defaultPageLimit } }): Promise<AdminRevocationsResponse> => {
      const rows = await listRevocations({
        before: before === undefined ? Number.MAX_SAFE_INTEGER : Number(before),
        limit: Number(limit),
      });
      return {
        revocations: rows.map(({ seq, sid, kid, tokens_before: seconds, expires_at: expires }) => ({
          number: seq,
          sid,
          kid,
          tokens_before: seconds === null ? null : isoTime(seconds * 1000),
          expires_at: expires === null ? null : isoTime(expires * 1000),
        })),
      };
    },
  );
};
