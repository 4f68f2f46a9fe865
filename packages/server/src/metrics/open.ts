// Metrics where somebody reads them: counted, and served on a port of their own, from the start of the app to its end.
import type { FastifyInstance } from "fastify";
import { listenForMetrics, type MetricsListener } from "./listener.ts";
import { createMetrics, type Metrics, noMetrics } from "./metrics.ts";
import { measureRequests } from "./requests.ts";

export interface MetricsSettings {
  readonly metricsHost: string;
  readonly metricsPort: number | undefined;
}

/** The app is not ready before the port listens. @throws ConfigError then, when it cannot */
export async function openMetrics(app: FastifyInstance, settings: MetricsSettings): Promise<Metrics> {
  const { metricsHost: host, metricsPort: port } = settings;
  if (port === undefined) return noMetrics;
  const onError = (error: unknown): void => app.log.warn({ err: error }, "metrics failed");
  const metrics = await createMetrics(onError);
  measureRequests(app, metrics);
  metrics.total("countersign_log_lines_dropped_total", () => app.logOutput?.dropped() ?? 0);
  metrics.gauge("countersign_connections", () =>
    app.connections === undefined ? [] : [{ value: app.connections.size }],
  );

  let listener: MetricsListener | undefined;
  app.addHook("onReady", async () => {
    listener = await listenForMetrics({ host, port, expose: metrics.expose, onError });
    app.log.info(`Metrics at ${listener.url}`);
  });
  app.addHook("onClose", async () => {
    await listener?.close();
    metrics.close();
  });
  return metrics;
}
