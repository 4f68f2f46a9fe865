// The composition root: the plugin for an app of one's own, and createApp for one with our strict defaults.
import { createAccessVerifier } from "@countersign/verifier";
import formBody from "@fastify/formbody";
import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import plugin from "fastify-plugin";
import type { Kysely } from "kysely";
import { randomBytes } from "node:crypto";
import { type CountersignOptions, readOptions } from "./settings/settings.ts";
import { cookieSessionRoutes } from "./login/cookie-routes.ts";
import { discoveryRoutes } from "./tokens/discovery-routes.ts";
import { createGuard, type Guard } from "./http/guard.ts";
import { healthRoutes } from "./http/health-routes.ts";
import { refusePlainHttp } from "./http/https-only.ts";
import { answerUnrouted } from "./http/known-paths.ts";
import { meRoutes } from "./accounts/me-routes.ts";
import { oauthRoutes } from "./tokens/routes.ts";
import { answerError } from "./http/problems.ts";
import { revocationRoutes } from "./revocations/routes.ts";
import { createSameSiteCheck } from "./http/same-site.ts";
import { signInRoutes } from "./login/routes.ts";
import { signupRoute } from "./accounts/signup-routes.ts";
import { insistOnSchema, strictValidator } from "./http/validation.ts";
import { createAccessTokens } from "./tokens/access-tokens.ts";
import { createAccounts } from "./accounts/accounts.ts";
import { createCookieSessions, createDatabaseKeeper } from "./login/cookie-sessions.ts";
import { openMasterKey } from "./keys/master-key.ts";
import { createMemoryKeeper } from "./sessions/memory-sessions.ts";
import { createPasswordHashing } from "./passwords/hashing.ts";
import { startPruning } from "./pruning.ts";
import { createRefreshTokens } from "./tokens/refresh-token.ts";
import { createRenewalPace } from "./tokens/renewal-rate-limit.ts";
import { createRevocationFeed } from "./revocations/feed.ts";
import { followRevocations } from "./revocations/follower.ts";
import { createSigningKeys } from "./keys/signing-keys.ts";
import { createSignIns } from "./login/token-logins.ts";
import { createAccessTokenReader, createTokenInspection } from "./tokens/inspection.ts";
import { openStore } from "./store.ts";

/** What the plugin adds to an app as `app.auth`. */
export interface Auth extends Guard {
  /** The database that holds the accounts, for tables of the app's own that refer to them. */
  readonly database: Kysely<unknown>;
}

declare module "fastify" {
  interface FastifyInstance {
    readonly auth: Auth;
  }
}

/**
 * The Fastify plugin: `await app.register(countersign, { issuer })` adds the routes of sign-up, login and log-out, and
 * `app.auth.required()` to guard routes of one's own. It opens the database and closes it with the app.
 *
 * @throws ConfigError, KeyError, StoreError while the app gets ready
 */
export const countersign: FastifyPluginAsync<CountersignOptions> = plugin(
  async (app: FastifyInstance, options: CountersignOptions): Promise<void> => {
    const settings = readOptions(options);
    const { issuer, audience } = settings;
    const store = await openStore({
      url: settings.databaseUrl,
      accessTokenLifetimeSeconds: settings.accessTokenTtlSeconds,
      sessions: settings.sessionLimits,
    });
    app.addHook("onClose", () => store.close());

    const masterKey = await openMasterKey({
      value: settings.masterKey,
      dataDir: settings.dataDir,
      store: store.installation,
    });
    const signingKeys = await createSigningKeys({
      store: store.signingKeys,
      masterKey,
      algorithm: settings.algorithm,
      initialAlgorithm: settings.initialAlgorithm,
      accessTokenTtlSeconds: settings.accessTokenTtlSeconds,
      onError: (error) => app.log.warn({ err: error }, "the signing keys cannot be read"),
    });
    signingKeys.start();
    // Before the store is closed: hooks of onClose run in the reverse order.
    app.addHook("onClose", () => signingKeys.close());

    const revocations = await followRevocations({
      store,
      onStore: (state, error) => app.log.warn({ err: error }, `revocations: store ${state}`),
    });
    // Before the server waits for answers under way to end, which those that follow the feed would never do.
    app.addHook("preClose", () => revocations.close());
    const stopPruning = startPruning({
      store,
      onError: (error) => app.log.warn({ err: error }, "pruning failed"),
    });
    app.addHook("preClose", stopPruning);

    const keeper =
      settings.sessionStore === "memory"
        ? createMemoryKeeper({ store, limits: settings.sessionLimits })
        : createDatabaseKeeper(store);
    const accounts = createAccounts(store, await createPasswordHashing(), keeper);
    const lifetimeSeconds = settings.accessTokenTtlSeconds;
    const accessTokens = createAccessTokens({
      signingKey: signingKeys.signingKey,
      issuer,
      audience,
      lifetimeSeconds,
    });
    const refreshTokens = createRefreshTokens(masterKey.derive("refresh-token"));
    const renewalPace = createRenewalPace({ perMinute: settings.renewalsPerMinute });
    const signIns = createSignIns({ store, accounts, accessTokens, refreshTokens, renewalPace, keeper });
    const cookieSessions = createCookieSessions(accounts, keeper);

    const trust = { keys: signingKeys.keySet, refreshKeys: signingKeys.refresh, issuer, audience };
    const verifier = createAccessVerifier({ ...trust, revocations: revocations.list });
    const checkSameSite = createSameSiteCheck(settings.origins);
    const guard = createGuard({ verifier, cookieSessions, checkSameSite }, app);
    const unrevoked = createAccessVerifier({ ...trust, revocations: null });
    const anySession = createGuard({ verifier: unrevoked, cookieSessions, checkSameSite }, app);
    app.decorate("auth", { ...guard, database: store.db });

    const inspection = createTokenInspection({
      store,
      refreshTokens,
      readLive: createAccessTokenReader(verifier),
      callers: settings.introspectionClients,
    });

    await app.register(async (routes) => {
      routes.setValidatorCompiler(strictValidator);
      routes.setErrorHandler(answerError);
      routes.addHook("preValidation", insistOnSchema);
      routes.removeContentTypeParser("text/plain");
      await routes.register(formBody);
      healthRoutes(routes, () => store.ready());
      await routes.register(async (guarded) => {
        if (new URL(issuer).protocol === "https:") guarded.addHook("onRequest", refusePlainHttp);
        const { jwks, jwksMaxAgeSeconds } = signingKeys;
        discoveryRoutes(guarded, { issuer, jwks, jwksMaxAgeSeconds });
        revocationRoutes(guarded, createRevocationFeed({ revocations }));
        signupRoute(guarded, accounts);
        signInRoutes(guarded, signIns, anySession.required({ cookies: true }));
        await guarded.register(async (scope) => cookieSessionRoutes(scope, cookieSessions, checkSameSite));
        await guarded.register(async (scope) => oauthRoutes(scope, { signIns, inspection }));
        await guarded.register(async (scope) => {
          meRoutes(scope, { accounts, signIns }, guard.required({ cookies: true }));
        });
      });
    });
  },
  { name: "@countersign/server", fastify: "5.x" },
);

/** The largest body that any route takes. */
const bodyLimitBytes = 16 * 1024;
/** Larger than the longest header that we answer ourselves; beyond, Node answers 431. */
const maxHeaderBytes = 128 * 1024;

/**
 * A Fastify app with strict defaults (small bodies, exact schemas, problem+json for every error, one log line per
 * request, security headers) and the plugin in it. Add routes in a plugin of one's own, then `listen`.
 * `trustProxy`, nobody by default, says which proxies are believed about where a request comes from, and how.
 */
export function createApp(
  options: CountersignOptions,
  server: Pick<FastifyServerOptions, "logger" | "trustProxy"> = {},
): FastifyInstance {
  const app = Fastify({
    logger: server.logger ?? true,
    trustProxy: server.trustProxy ?? false,
    bodyLimit: bodyLimitBytes,
    http: { maxHeaderSize: maxHeaderBytes },
    genReqId: () => randomBytes(9).toString("base64url"),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    frameworkErrors: answerError,
    forceCloseConnections: "idle",
  });
  app.setValidatorCompiler(strictValidator);
  app.setErrorHandler(answerError);
  answerUnrouted(app);
  const headers = securityHeaders(options.issuer);
  app.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value);
  });
  app.addHook("onResponse", async (request, reply) => {
    // The route's pattern, not the URL: a URL can hold anything.
    request.log.info({
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    });
  });
  void app.register(countersign, options);
  return app;
}

/** For every answer; a route that serves a page may say otherwise. Over https, browsers are told to stay there for two years. */
function securityHeaders(issuer: unknown): readonly (readonly [name: string, value: string])[] {
  const isSecure = typeof issuer === "string" && issuer.startsWith("https:");
  return [
    ["x-content-type-options", "nosniff"],
    [
      "content-security-policy",
      "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-resource-policy", "same-origin"],
    ...(isSecure ? [["strict-transport-security", "max-age=63072000; includeSubDomains"] as const] : []),
  ];
}
