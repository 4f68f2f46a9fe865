// GET /metrics on a port of its own: whoever watches reads it there, and nobody finds it on the public one.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../errors.ts";
import type { Exposition } from "./metrics.ts";

export interface MetricsListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly expose: () => Promise<Exposition>;
  readonly onError: (error: unknown) => void;
}

export interface MetricsListener {
  /** Where it is read. */
  readonly url: string;
  /** Resolves when the port is free again; whoever is reading is cut off. */
  readonly close: () => Promise<void>;
}

/** Prometheus gives up after 10 s by default. */
const answerTimeoutMs = 10_000;
const headersTimeoutMs = 5000;
const idleTimeoutMs = 65_000;
const maxConnections = 64;
const maxHeaderBytes = 8 * 1024;
const maxRequestsPerConnection = 10_000;

/** @throws ConfigError when the port cannot be listened on */
export async function listenForMetrics(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { host, port, expose, onError } = options;
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: headersTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void answer(request, response).catch(onError),
  );
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = maxRequestsPerConnection;
  // Also ends whoever takes nothing of an answer.
  server.setTimeout(idleTimeoutMs);
  server.on("clientError", (_error, socket) => socket.destroy());

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setTimeout(answerTimeoutMs, () => request.socket.destroy());
    const [path] = (request.url ?? "").split("?", 1);
    // A body that nobody reads would be taken for the next request.
    request.resume();
    if (path !== "/metrics") return end(response, 404, "There is nothing here but /metrics.\n");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return end(response, 405, "Ask with GET.\n");
    }
    try {
      const { contentType, text } = await expose();
      end(response, 200, text, contentType);
    } catch (error) {
      onError(error);
      end(response, 500, "The metrics cannot be read; the log says why.\n");
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new ConfigError([
          `metricsPort: nothing can listen at ${host}:${port} (${error.code ?? error.message}); choose another ` +
            "--metrics-port (COUNTERSIGN_METRICS_PORT) or --metrics-host",
        ]),
      );
    });
    server.listen({ host, port }, resolve);
  });
  server.on("error", onError);
  // The server that is measured keeps the process alive, not this one.
  server.unref();
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  type: string = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
