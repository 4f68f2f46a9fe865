// An app to ask, an account in it, and its login: what most tests of routes begin with.
import type { FastifyInstance, FastifyServerOptions, LightMyRequestResponse } from "fastify";
import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { createApp } from "../src/app.ts";
import type { CountersignOptions } from "../src/settings/countersign-options.ts";

export const issuer = "https://api.example.com";
export const password = "tangerine violin ledger";

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly device_token: string;
  readonly expires_in: number;
}

/**
 * An app on a database of its own in memory, with patience for a busy machine. The caller closes it, or says `startApp`
 * where a test ends it.
 */
export function newApp(
  options: Partial<CountersignOptions> = {},
  server: Pick<FastifyServerOptions, "logger" | "trustProxy"> = { logger: false },
): FastifyInstance {
  const masterKey = randomBytes(32).toString("base64url");
  return createApp(
    {
      issuer,
      databaseUrl: "sqlite::memory:",
      databaseTimeoutSeconds: 20,
      hashingWaitSeconds: 20,
      masterKey,
      ...options,
    },
    server,
  );
}

/** The same, ready, and closed when the test is over. */
export async function startApp(...[options, server]: Parameters<typeof newApp>): Promise<FastifyInstance> {
  const app = newApp(options, server);
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

/** Signs somebody up and returns their address. */
export async function newAccount(app: FastifyInstance, name = "ada", secret = password): Promise<string> {
  const email = `${name}@example.com`;
  const response = await app.inject({ method: "POST", url: "/signup", payload: { email, password: secret } });
  if (response.statusCode !== 201) throw new TypeError(`no account was made: ${response.body}`);
  return email;
}

/** Logs in and returns the tokens. */
export async function login(
  app: FastifyInstance,
  email = "ada@example.com",
  secret = password,
): Promise<Tokens> {
  const response = await app.inject({ method: "POST", url: "/login", payload: { email, password: secret } });
  if (response.statusCode !== 200) throw new TypeError(`nobody was logged in: ${response.body}`);
  return response.json();
}

/** Logs in with a cookie and returns its value. */
export async function openCookieSession(
  app: FastifyInstance,
  email = "ada@example.com",
  secret = password,
): Promise<string> {
  const response = await app.inject({
    method: "POST",
    url: "/session",
    payload: { email, password: secret },
    headers: { "sec-fetch-site": "same-origin" },
  });
  const [, value] = /__Host-session=([\w-]{43})/.exec(String(response.headers["set-cookie"])) ?? [];
  if (value === undefined) throw new TypeError(`nobody was logged in: ${response.body}`);
  return value;
}

/** Asks with a form, as the OAuth endpoints take it. */
export function postForm(
  app: FastifyInstance,
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: "POST",
    url,
    payload: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
}

export function renew(app: FastifyInstance, refreshToken: string): Promise<LightMyRequestResponse> {
  return postForm(app, "/token", { grant_type: "refresh_token", refresh_token: refreshToken });
}

export function bearer({ access_token: token }: Pick<Tokens, "access_token">): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
