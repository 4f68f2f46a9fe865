// GET /health, /health/live and /health/ready: for whoever starts, stops, watches and routes to instances.
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import { ServiceError } from "../errors.ts";
import type { Draining } from "./draining.ts";
import type { LogOutput } from "./log-output.ts";
import { noStore } from "./never-cached.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Where an app that `createApp` made writes its log. */
    readonly logOutput?: LogOutput;
  }
}

export interface HealthRoutesOptions {
  /** Resolves when the instance can do its work; its failure becomes a 503 with `Retry-After`. */
  readonly ready: () => Promise<void>;
  readonly draining: Draining;
}

const statusReply = Type.Object({ status: Type.String() });

export const healthRoutes: FastifyPluginAsync<HealthRoutesOptions> = async (app, { ready, draining }) => {
  app.addHook("onSend", noStore);

  app.get(
    "/health",
    {
      config: {
        operation: {
          id: "showHealth",
          tag: "Health",
          summary: "Say whether the process lives, and how many lines its log lost",
          answers: {
            200: {
              description: "It lives",
              schema: Type.Object({ status: Type.String(), log_lines_dropped: Type.Integer() }),
            },
          },
        },
      },
    },
    async () => ({
      status: draining.isDraining ? "draining" : "live",
      // Of the log, never of the audit trail: nothing is done that the trail cannot record.
      log_lines_dropped: app.logOutput?.dropped() ?? 0,
    }),
  );

  app.get(
    "/health/live",
    {
      config: {
        operation: {
          id: "isLive",
          tag: "Health",
          summary: "Say whether the process lives",
          answers: { 200: { description: "It lives", schema: statusReply } },
        },
      },
    },
    async () => ({ status: "live" }),
  );

  app.get(
    "/health/ready",
    {
      config: {
        operation: {
          id: "isReady",
          tag: "Health",
          summary: "Say whether the instance can do its work",
          answers: { 200: { description: "It can", schema: statusReply } },
        },
      },
    },
    async () => {
      if (draining.isDraining)
        throw new ServiceError("unavailable", { detail: "This instance is about to stop; ask another one." });
      await ready();
      return { status: "ready" };
    },
  );
};
