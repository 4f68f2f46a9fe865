// Every request of an app by the pattern of its route, its method and the class of its status: labels that no client can add to.
import type { FastifyInstance } from "fastify";
import type { Metrics } from "./metrics.ts";

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Measures the routes of `app`, those of the plugin and its own. */
export function measureRequests(app: FastifyInstance, metrics: Pick<Metrics, "observe">): void {
  app.addHook("onResponse", (request, reply, done) => {
    metrics.observe("countersign_http_request_seconds", reply.elapsedTime / 1000, {
      method: methods.has(request.method) ? request.method : "other",
      // The route's pattern, never the URL: a URL can hold anything.
      route: request.routeOptions.url ?? "none",
      status: `${Math.floor(reply.statusCode / 100)}xx`,
    });
    done();
  });
}
