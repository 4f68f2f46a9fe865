// countersign: the Fastify plugin. It opens the kernel, builds the features in order and registers their routes.

import type { AccessVerifier } from "@countersign/verifier";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import plugin from "fastify-plugin";
import type { Kysely } from "kysely";
import { runInBackground } from "./background.ts";
import { openDatabase } from "./database/open.ts";
import { describeApi } from "./docs/document.ts";
import { docsRoutes } from "./docs/routes.ts";
import { buildFeatures } from "./features.ts";
import type { Guard } from "./http/guard.ts";
import { readBodiesStrictly } from "./http/bodies.ts";
import { allowOrigins } from "./http/cors.ts";
import { createDraining } from "./http/draining.ts";
import { healthRoutes } from "./http/health-routes.ts";
import { refusePlainHttp } from "./http/https-only.ts";
import { insistOnOneHost } from "./http/one-host.ts";
import { problemRoutes } from "./http/problem-routes.ts";
import { answerError, problemTypesOf } from "./http/problems.ts";
import { ownSerializer } from "./http/serialization.ts";
import { insistOnSchema, lateValidator } from "./http/validation.ts";
import { openMetrics } from "./metrics/open.ts";
import { revocationSecondsFor } from "./revocations/lifetimes.ts";
import { defaultGraceSeconds, requestLifetimeMs } from "./sessions/session.ts";
import type { CountersignOptions } from "./settings/countersign-options.ts";
import { rootUrlOf } from "./settings/base-url.ts";
import { readOptions } from "./settings/settings.ts";

/** What the plugin adds to an app as `app.auth`. */
export interface Auth extends Guard {
  /** Judges the access tokens of this server: for guards of other frameworks in the same process. */
  readonly verifier: AccessVerifier;
  /** The database that holds the accounts, for tables of the app's own that refer to them. */
  readonly database: Kysely<unknown>;
}

declare module "fastify" {
  interface FastifyInstance {
    readonly auth: Auth;
    /**
     * Set by `createApp`: one `Host` line and the rule for other origins hold for every route of the app already, so
     * that the plugin need not see to them for its own.
     */
    readonly edgeSeenTo?: true;
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
    const metrics = await openMetrics(app, settings);
    const database = await openDatabase({
      url: settings.databaseUrl,
      schema: settings.databaseSchema,
      statementTimeoutMs: settings.databaseTimeoutSeconds * 1000,
      requestLifetimeMs: requestLifetimeMs({ graceSeconds: defaultGraceSeconds }),
      revocationSeconds: revocationSecondsFor(settings.accessTokenTtlSeconds),
      ...(metrics.isRead && {
        onStatement: (seconds, outcome) =>
          metrics.observe("countersign_database_statement_seconds", seconds, { outcome }),
      }),
    });
    runInBackground(app, { name: "database", stops: "after-drain", stop: () => database.close() });
    app.addHook("onReady", async () => database.stallGuard.begin());

    const features = await buildFeatures({ app, settings, database, metrics });
    const { guard, verifier, routes, rootRoutes, hasAdministrator } = features;
    const seesToEdge = !app.hasDecorator("edgeSeenTo");
    if (!app.hasDecorator("problemTypes")) app.decorate("problemTypes", problemTypesOf(settings.baseUrl));
    const draining = createDraining(settings);
    app.decorate("draining", draining);
    if (settings.admin && !app.hasDecorator("hasAdministrator"))
      app.decorate("hasAdministrator", hasAdministrator);
    app.decorate(settings.decorator, { ...guard, verifier, database: database.appDb });

    const { prefix, baseUrl } = settings;
    await app.register(async (scope) => {
      scope.setValidatorCompiler(lateValidator);
      scope.setSerializerCompiler(ownSerializer);
      scope.setErrorHandler(answerError);
      if (seesToEdge) {
        scope.addHook("onRequest", insistOnOneHost);
        allowOrigins(scope, {
          origins: settings.allowedOrigins,
          loopbackOrigins: settings.allowLoopbackOrigins,
        });
      }
      scope.addHook("preValidation", insistOnSchema);
      readBodiesStrictly(scope);
      const document = settings.docs ? await describeApi(scope, rootUrlOf(baseUrl, prefix)) : undefined;
      await scope.register(healthRoutes, { prefix, ready: () => database.ready(), draining });
      await scope.register(async (httpsOnly) => {
        if (new URL(settings.issuer).protocol === "https:") httpsOnly.addHook("onRequest", refusePlainHttp);
        for (const register of rootRoutes) await register(httpsOnly);
        await httpsOnly.register(
          async (prefixed) => {
            await prefixed.register(problemRoutes);
            if (document !== undefined) await prefixed.register(docsRoutes, { document });
            for (const register of routes) await register(prefixed);
          },
          { prefix },
        );
      });
    });
  },
  { name: "@countersign/server", fastify: "5.x" },
);
