// createHandler: the whole server as a handler of node:http, for an app of Express, NestJS or Next.js.
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createApp } from "./app.ts";
import { answerError } from "./http/problems.ts";
import { ServiceError } from "./errors.ts";
import type { CountersignOptions } from "./settings/countersign-options.ts";

type Next = (error?: unknown) => void;

/** What a framework in front has done to a request of Node's. */
interface HandledRequest extends IncomingMessage {
  /** The path before a router cut its own off. */
  readonly originalUrl?: string;
  /** What its parser made of the body. */
  readonly body?: unknown;
}

export interface Handler {
  /**
   * Answers what is ours. What is not goes to `next`, or is answered 404 where there is none. Mount it before parsers:
   * a body that somebody has read already is answered 500, as it cannot be judged any more.
   */
  (request: IncomingMessage, response: ServerResponse, next?: Next): void;
  /** The app behind it: `handler.app.auth` has the guards of Fastify, and `verifier` those of every framework. */
  readonly app: FastifyInstance;
  /** Resolves when it can answer; until then requests wait. @throws ConfigError, KeyError, StoreError */
  readonly ready: () => Promise<void>;
  /** Ends what goes on in the background, and the database. The server around it is closed first. */
  readonly close: () => Promise<void>;
}

/**
 * The server for a process that has an HTTP server of its own: `express().use(createHandler({ issuer }))`. Limits of
 * connections are then that server's. Paths are taken whole, so with `app.use("/auth", handler)` say `prefix: "/auth"`.
 */
export function createHandler(
  options: CountersignOptions,
  server: Pick<FastifyServerOptions, "logger" | "trustProxy"> = {},
): Handler {
  const app = createApp(options, server);
  const nexts = new WeakMap<IncomingMessage, Next>();
  passOn(app, nexts);
  const ready = Promise.resolve(app.ready()).then(() => undefined);
  // Whoever does not wait for it meets the failure in `next` or in the answer.
  ready.catch(() => {});

  const handler = (request: HandledRequest, response: ServerResponse, next?: Next): void => {
    if (request.originalUrl !== undefined) request.url = request.originalUrl;
    if (next !== undefined) nexts.set(request, next);
    ready.then(
      () => app.routing(request, response),
      (error: unknown) => {
        if (next !== undefined) return next(error);
        response.writeHead(503, { "content-type": "application/problem+json", "retry-after": "5" });
        response.end(JSON.stringify({ title: "The server did not start", status: 503, code: "unavailable" }));
      },
    );
  };
  return Object.assign(handler, { app, ready: () => ready, close: () => app.close() });
}
