// CORS (WHATWG Fetch §3.2) for front ends on other origins: exactly the named ones, and cookies
// only where a route takes them.
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteOptions,
} from "fastify";

export interface CorsOptions {
  /** Compared letter by letter with the `Origin` header; there is no wildcard. */
  readonly origins: readonly string[];
  /** Lets pages of this machine in, on any port, and never with cookies. For development. */
  readonly loopbackOrigins: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** `false`: no page of another origin may read what this route answers. */
    readonly cors?: boolean;
    /** The route takes the session cookie without a guard: it sets or ends it. */
    readonly cookies?: boolean;
  }
}

/** Chromium keeps no preflight longer. */
const preflightMaxAgeSeconds = 7200;
const allowedHeaders = "authorization, content-type, if-none-match, last-event-id";
/** What a page may read beside the headers that it may always read. */
const exposedHeaders = "etag, retry-after, www-authenticate";

const loopbackOrigin = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

const guardsWithCookies = new WeakSet<object>();

/** Marks the hook of a guard that lets session cookies in, so that CORS knows the routes behind it. */
export function takesCookies(hook: onRequestHookHandler): onRequestHookHandler {
  guardsWithCookies.add(hook);
  return hook;
}

interface Path {
  readonly methods: Set<string>;
  /** Those that take a session cookie. */
  readonly withCookies: Set<string>;
}

/**
 * Answers preflights and adds the headers of CORS for every route that is added to `scope`
 * afterwards. Does nothing where no origin is let in: then `OPTIONS` stays a method like any other.
 */
export function allowOrigins(scope: FastifyInstance, { origins, loopbackOrigins }: CorsOptions): void {
  if (origins.length === 0 && !loopbackOrigins) return;
  const named = new Set(origins);
  const paths = new Map<string, Path>();

  scope.addHook("onRoute", (route: RouteOptions) => {
    if (route.method === "OPTIONS" || route.config?.cors === false) return;
    const known = paths.get(route.url);
    const path = known ?? { methods: new Set<string>(), withCookies: new Set<string>() };
    for (const method of [route.method].flat()) {
      path.methods.add(method);
      if (letsCookiesIn(route)) path.withCookies.add(method);
    }
    if (known !== undefined) return;
    paths.set(route.url, path);
    scope.options(route.url, async (request, reply) => answerOptions(path, request, reply));
  });

  /** `undefined`: this origin is not let in. */
  function admit(
    request: FastifyRequest,
  ): { readonly origin: string; readonly isNamed: boolean } | undefined {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    if (named.has(origin)) return { origin, isNamed: true };
    return loopbackOrigins && loopbackOrigin.test(origin) ? { origin, isNamed: false } : undefined;
  }

  function answerOptions(path: Path, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const methods = [...path.methods].toSorted().join(", ");
    const asked = request.headers["access-control-request-method"];
    reply.code(204).header("allow", `${methods}, OPTIONS`);
    if (asked === undefined || admit(request) === undefined) return reply.send();
    return reply
      .headers({
        "access-control-allow-methods": methods,
        "access-control-allow-headers": allowedHeaders,
        "access-control-max-age": String(preflightMaxAgeSeconds),
      })
      .send();
  }

  scope.addHook("onSend", async (request, reply) => {
    if (request.routeOptions.config?.cors === false) return;
    // Also where no origin came: a cache must not give that answer to a page.
    reply.header("vary", [reply.getHeader("vary"), "origin"].flat().filter(Boolean).join(", "));
    const admitted = admit(request);
    if (admitted === undefined) return;
    reply.headers({
      "access-control-allow-origin": admitted.origin,
      "access-control-expose-headers": exposedHeaders,
    });
    const method =
      request.method === "OPTIONS" ? request.headers["access-control-request-method"] : request.method;
    const path = paths.get(request.routeOptions.url ?? "");
    if (admitted.isNamed && path?.withCookies.has(method ?? "") === true)
      reply.header("access-control-allow-credentials", "true");
  });
}

function letsCookiesIn({ onRequest, config }: RouteOptions): boolean {
  if (config?.cookies === true) return true;
  const hooks: readonly object[] = [onRequest ?? []].flat();
  return hooks.some((hook) => guardsWithCookies.has(hook));
}
