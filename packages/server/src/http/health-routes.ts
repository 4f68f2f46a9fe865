// GET /health/live and /health/ready: for whoever starts, stops and routes to instances.
import type { FastifyPluginAsync } from "fastify";

export interface HealthRoutesOptions {
  /** Resolves when the instance can do its work; its failure becomes a 503 with `Retry-After`. */
  readonly ready: () => Promise<void>;
}

export const healthRoutes: FastifyPluginAsync<HealthRoutesOptions> = async (app, { ready }) => {
  app.get("/health/live", async (_request, reply) =>
    reply.header("cache-control", "no-store").send({ status: "live" }),
  );

  app.get("/health/ready", async (_request, reply) => {
    await ready();
    return reply.header("cache-control", "no-store").send({ status: "ready" });
  });
};
