// createHandler: the whole server as a handler of node:http, for an app of Express, NestJS or Next.js.
import type { Authenticator, RevocationObserver } from "@countersign/verifier";
import type { FastifyInstance, FastifyServerOptions } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import { assembleApp } from "./app.ts";
import { ServiceError } from "./errors.ts";
import type { Auth } from "./plugin.ts";
import type { CountersignOptions } from "./settings/countersign-options.ts";

type Next = (error?: unknown) => void;

/** A request of Node's after a router of Express has cut its own path off. */
interface RoutedRequest extends IncomingMessage {
  readonly originalUrl?: string;
}

export interface Handler {
  /**
   * Answers what is ours; what is not goes to `next`, or is 404 where there is none. Mount it before the parsers of
   * bodies: a body that somebody has read can no longer be judged, and is answered 500 `body_consumed`.
   */
  (request: IncomingMessage, response: ServerResponse, next?: Next): void;
  /** For guards of the same process: `createGuard(handler.verifier)` of `@countersign/verifier/express`. */
  readonly verifier: Authenticator;
  /** Resolves when it can answer; until then requests wait. @throws ConfigError, KeyError, StoreError */
  readonly ready: () => Promise<void>;
  /** Ends what goes on in the background, and the database. Close the server around it first. */
  readonly close: () => Promise<void>;
}

/**
 * The server for a process that listens by itself: `express().use(createHandler({ issuer }))`. Limits of connections
 * are then those of whoever listens. Paths are taken whole: with `app.use("/auth", handler)` set `prefix: "/auth"`.
 */
export function createHandler(
  options: CountersignOptions,
  server: Pick<FastifyServerOptions, "logger" | "trustProxy"> = {},
): Handler {
  const callers = new WeakMap<IncomingMessage, () => void>();
  const app = assembleApp(options, server, (inner) => passOn(inner, callers));
  const ready = Promise.resolve(app.ready()).then(() => undefined);
  // Whoever does not wait for it meets the failure in `next` or in the answer.
  ready.catch(() => {});

  function handler(request: RoutedRequest, response: ServerResponse, next?: Next): void {
    const { url = "/", originalUrl = url } = request;
    if (next !== undefined) {
      callers.set(request, () => {
        request.url = url;
        next();
      });
    }
    void answer(request, response, originalUrl, next);
  }

  async function answer(request: IncomingMessage, response: ServerResponse, url: string, next?: Next) {
    try {
      await ready;
    } catch (error) {
      return next === undefined ? answerUnstarted(response) : next(error);
    }
    request.url = url;
    app.routing(request, response);
  }

  const verifier = verifierOf(ready, () => app.getDecorator<Auth>(options.decorator ?? "auth").verifier);
  return Object.assign(handler, { verifier, ready: () => ready, close: () => app.close() });
}

/** What is not ours goes on before its body is read; what is ours must not have lost it. */
function passOn(app: FastifyInstance, callers: WeakMap<IncomingMessage, () => void>): void {
  app.addHook("onRequest", (request, reply, done) => {
    const goOn = callers.get(request.raw);
    if (goOn !== undefined && request.is404) {
      reply.hijack();
      return goOn();
    }
    if (!request.raw.readableDidRead || !announcesBody(request.raw)) return done();
    request.log.error(
      "the body was read before it came here: mount the handler before the parsers of bodies",
    );
    done(new ServiceError("body_consumed"));
  });
}

/** RFC 9112 §6: one of the two says that there is a body. */
function announcesBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function answerUnstarted(response: ServerResponse): void {
  response.writeHead(503, { "content-type": "application/problem+json", "cache-control": "no-store" });
  response.end(JSON.stringify({ type: "about:blank", title: "The server could not start", status: 503 }));
}

/** Can be asked from the first moment on: until the server is ready, the answer waits for it. */
function verifierOf(ready: Promise<void>, started: () => Authenticator): Authenticator {
  let inner: Authenticator | undefined;
  const arrived = ready.then(() => (inner = started()));
  arrived.catch(() => {});
  return {
    now: () => inner?.now() ?? Date.now() / 1000,
    authenticate: (credentials) =>
      inner?.authenticate(credentials) ?? arrived.then((verifier) => verifier.authenticate(credentials)),
    observeRevocations(observer: RevocationObserver) {
      let isOver = false;
      let stop = (): void => {};
      void arrived.then(
        (verifier) => {
          if (!isOver) stop = verifier.observeRevocations?.(observer) ?? stop;
        },
        () => {},
      );
      return () => {
        isOver = true;
        stop();
      };
    },
  };
}
