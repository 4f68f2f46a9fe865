// createApp: a Fastify app with our strict defaults, and the plugin in it.
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from "fastify";
import { readBodiesStrictly } from "./http/bodies.ts";
import { allowOrigins } from "./http/cors.ts";
import { createClientErrorHandler } from "./http/client-errors.ts";
import { limitConnections } from "./http/connections.ts";
import { answerUnrouted } from "./http/known-paths.ts";
import { createLogOutput, type LogOutput } from "./http/log-output.ts";
import { insistOnOneHost } from "./http/one-host.ts";
import { answerError, problemTypesOf } from "./http/problems.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { strictValidator } from "./http/validation.ts";
import { countersign } from "./plugin.ts";
import { newRequestId } from "./randomness.ts";
import { baseUrlOf } from "./settings/base-url.ts";
import type { CountersignOptions } from "./settings/countersign-options.ts";
import { readListeningLimits } from "./settings/settings.ts";

/** The largest body that any route takes. */
const bodyLimitBytes = 16 * 1024;
/** Larger than the longest header that we answer ourselves; beyond, Node answers 431. */
const maxHeaderBytes = 128 * 1024;
/** How often Node looks for requests that take too long to arrive; its own 30 s would double the shortest limits. */
const requestCheckMs = 1000;

/**
 * A Fastify app with strict defaults (small bodies, exact schemas, problem+json for every error, one log line per
 * request, security headers) and the plugin in it. Add routes in a plugin of one's own, then `listen`.
 * `trustProxy`, nobody by default, says which proxies are believed about where a request comes from, and how.
 */
export function createApp(
  options: CountersignOptions,
  server: Pick<FastifyServerOptions, "logger" | "trustProxy"> = {},
): FastifyInstance {
  const limits = readListeningLimits(options);
  return assembleApp(options, server, (app) => limitConnections(app, limits, server.trustProxy));
}

/** `first` adds the hooks that come before all others: what depends on who listens. */
export function assembleApp(
  options: CountersignOptions,
  server: Pick<FastifyServerOptions, "logger" | "trustProxy">,
  first: (app: FastifyInstance) => void,
): FastifyInstance {
  const problemTypes = problemTypesOf(baseUrlOf(options.issuer, options.prefix));
  const limits = readListeningLimits(options);
  const logOutput = createLogOutput();
  const app = Fastify({
    logger: loggerOn(logOutput, server.logger ?? true),
    trustProxy: server.trustProxy ?? false,
    bodyLimit: bodyLimitBytes,
    http: {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: Math.min(limits.headersTimeoutSeconds, limits.requestTimeoutSeconds) * 1000,
      requestTimeout: limits.requestTimeoutSeconds * 1000,
      connectionsCheckingInterval: requestCheckMs,
    },
    requestTimeout: limits.requestTimeoutSeconds * 1000,
    keepAliveTimeout: limits.idleTimeoutSeconds * 1000,
    genReqId: () => newRequestId(),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    frameworkErrors: answerError,
    clientErrorHandler: createClientErrorHandler(problemTypes),
    forceCloseConnections: "idle",
    // What arrives before the port has closed is answered, as the last one on its connection: a 503 here is what a
    // rolling restart would lose.
    return503OnClosing: false,
  });
  app.decorate("problemTypes", problemTypes);
  app.decorate("edgeSeenTo", true);
  app.decorate("logOutput", logOutput);
  first(app);
  readBodiesStrictly(app);
  app.addHook("onRequest", insistOnOneHost);
  app.setValidatorCompiler(strictValidator);
  app.setErrorHandler(answerError);
  answerUnrouted(app);
  // What is not of these forms is refused by the plugin, before anything listens.
  const { allowedOrigins, allowLoopbackOrigins } = options;
  allowOrigins(app, {
    origins: Array.isArray(allowedOrigins) ? allowedOrigins : [],
    loopbackOrigins: allowLoopbackOrigins === true,
  });
  const headers = securityHeaders(options.issuer);
  app.addHook("onSend", (_request, reply, payload, done) => {
    for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value);
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    // The route's pattern, not the URL: a URL can hold anything.
    request.log.info({
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    });
    done();
  });
  void app.register(countersign, { console: true, docs: true, admin: true, ...options });
  return app;
}

/** A logger that writes to standard output; one that writes elsewhere stays as it is. */
function loggerOn(
  stream: LogOutput,
  logger: NonNullable<FastifyServerOptions["logger"]>,
): NonNullable<FastifyServerOptions["logger"]> {
  if (logger === true) return { stream };
  if (typeof logger !== "object" || "info" in logger) return logger;
  return logger.stream !== undefined || logger.file !== undefined || logger.transport !== undefined
    ? logger
    : { ...logger, stream };
}
