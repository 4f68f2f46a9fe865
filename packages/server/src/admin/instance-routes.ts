// GET /admin/followers and /admin/statistics: who follows the revocation feed, and how much there is of everything.
import type { AdminFollowersResponse, AdminStatisticsResponse } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { noStore } from "../http/never-cached.ts";
import type { Instances } from "../instances/instances.ts";
import type { AdminGuard } from "./guard.ts";
import { describe } from "./route-parts.ts";
import { followersReply, statisticsReply } from "./schemas.ts";
import { followersOf, type Statistics } from "./statistics.ts";

export interface AdminInstanceRoutesOptions {
  readonly instances: Pick<Instances, "all">;
  readonly statistics: Statistics;
  readonly adminGuard: AdminGuard;
}

export const adminInstanceRoutes: FastifyPluginAsync<AdminInstanceRoutesOptions> = async (app, options) => {
  const { instances, statistics, adminGuard } = options;
  app.addHook("onSend", noStore);

  app.get(
    "/admin/followers",
    {
      onRequest: adminGuard.may("audit:read"),
      config: describe(
        "listFollowers",
        "List who follows the revocation feed by a stream now, at every instance",
        { 200: { description: "At most 1,000, those that are behind the longest first" } },
      ),
      schema: { response: { 200: followersReply } },
    },
    async (): Promise<AdminFollowersResponse> => followersOf(await instances.all()),
  );

  app.get(
    "/admin/statistics",
    {
      onRequest: adminGuard.may("users:read"),
      config: describe(
        "showStatistics",
        "Count accounts, live sessions, followers, and the logins of the last hour",
        {
          200: { description: "Accounts and sessions are counted at most once a minute, many are estimated" },
        },
      ),
      schema: { response: { 200: statisticsReply } },
    },
    async (): Promise<AdminStatisticsResponse> => statistics(),
  );
};
