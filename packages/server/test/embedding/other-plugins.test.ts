// The plugin in an app that has other plugins, its own handlers and its own routes: neither harms the other.
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import formbody from "@fastify/formbody";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { answerError } from "../../src/http/problems.ts";
import { type Auth, type CountersignOptions, countersign, ServiceError } from "../../src/index.ts";
import { bearer, issuer, login, newAccount, openCookieSession, postForm, renew } from "../app.ts";

type Neighbour = (app: FastifyInstance) => unknown;

const neighbours: Readonly<Record<string, Neighbour>> = {
  "@fastify/formbody": (app) => app.register(formbody),
  "@fastify/cookie": (app) => app.register(cookie),
  "@fastify/cors": (app) => app.register(cors, { origin: ["https://app.example.com"] }),
  "@fastify/rate-limit": (app) => app.register(rateLimit, { max: 1000 }),
  "@fastify/swagger": (app) => app.register(swagger, { openapi: { info: { title: "Posts", version: "1" } } }),
  "a Zod type provider": (app) =>
    app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler),
  "an error handler": (app) =>
    app.setErrorHandler(async (error, _request, reply) => reply.code(418).send({ own: String(error) })),
  "a not-found handler": (app) =>
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ own: true })),
  "a parser of JSON": (app) => {
    app.removeContentTypeParser("application/json");
    app.addContentTypeParser("application/json", { parseAs: "string" }, async () => ({ own: true }));
  },
};

async function startBeside(
  options: Partial<CountersignOptions>,
  before: Neighbour = () => {},
  after: Neighbour = () => {},
): Promise<FastifyInstance> {
  const app = Fastify();
  onTestFinished(() => app.close());
  await before(app);
  const masterKey = randomBytes(32).toString("base64url");
  await app.register(countersign, { issuer, databaseUrl: "sqlite::memory:", masterKey, ...options });
  await after(app);
  return app;
}

/** Signs up, logs in both ways, renews, and is refused as ever. */
async function expectWholeLife(app: FastifyInstance): Promise<void> {
  await newAccount(app);
  const tokens = await login(app);
  expect((await app.inject({ url: "/me", headers: bearer(tokens) })).json()).toMatchObject({
    email: "ada@example.com",
  });
  expect(await openCookieSession(app)).toHaveLength(43);
  expect((await renew(app, tokens.refresh_token)).statusCode).toBe(200);
  const again = await app.inject({
    method: "POST",
    url: "/signup",
    payload: { email: "ada@example.com", password: "tangerine violin ledger" },
  });
  expect(again.statusCode).toBe(409);
  expect(again.headers["content-type"]).toBe("application/problem+json");
  const broken = await app.inject({
    method: "POST",
    url: "/login",
    payload: "{",
    headers: { "content-type": "application/json" },
  });
  expect(broken.json()).toMatchObject({ status: 400, code: "invalid_request" });
}

describe.each(Object.entries(neighbours))("beside %s", (_name, neighbour) => {
  test("that came first, the whole life of an account works", async () => {
    await expectWholeLife(await startBeside({}, neighbour));
  });

  test("that came after, the whole life of an account works", async () => {
    await expectWholeLife(await startBeside({}, undefined, neighbour));
  });
});

/** Loaded without its types: two declarations of `app.auth` in one program contradict each other. */
const otherAuth: string = "@fastify/auth";

test("beside @fastify/auth ours takes another name", async () => {
  const { default: auth } = (await import(otherAuth)) as { default: FastifyPluginCallback };
  const app = await startBeside({ decorator: "accounts" }, (it) => it.register(auth));
  const { required } = app.getDecorator<Auth>("accounts");
  app.get("/posts", { onRequest: required() }, async (request) => ({ reader: request.identity?.subject }));
  await expectWholeLife(app);
  expect((await app.inject("/posts")).statusCode).toBe(401);
  const tokens = await login(app);
  expect((await app.inject({ url: "/posts", headers: bearer(tokens) })).statusCode).toBe(200);
});

test("the app's own routes, parsers and handlers stay its own", async () => {
  const app = await startBeside({}, async (it) => {
    await it.register(formbody);
    it.setErrorHandler(async (_error, _request, reply) => reply.code(418).send({ own: true }));
    it.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ own: true }));
  });
  app.post("/form", async (request) => request.body);
  app.get("/broken", async () => {
    throw new TypeError("broken");
  });
  expect((await postForm(app, "/form", { a: "1" })).json()).toEqual({ a: "1" });
  expect((await app.inject("/broken")).statusCode).toBe(418);
  expect((await app.inject("/nothing")).json()).toEqual({ own: true });
});

test("answerError and ServiceError serve routes of the app's own", async () => {
  const app = await startBeside({});
  app.setErrorHandler(answerError);
  app.get("/posts/:id", async () => {
    throw new ServiceError("not_found");
  });
  const response = await app.inject("/posts/1");
  expect(response.statusCode).toBe(404);
  expect(response.json()).toMatchObject({ code: "not_found", type: `${issuer}/problems/not_found` });
  expect(new ServiceError("not_found").statusCode).toBe(404);
});

describe("with a prefix", () => {
  test("every route but the metadata stands below it, and the app may have a GET /me of its own", async () => {
    const app = await startBeside({ prefix: "/auth" });
    app.get("/me", { onRequest: app.auth.required() }, async () => ({ own: true }));
    const payload = { email: "ada@example.com", password: "tangerine violin ledger" };
    const signup = await app.inject({ method: "POST", url: "/auth/signup", payload });
    expect(signup.statusCode).toBe(201);
    const tokens = (await app.inject({ method: "POST", url: "/auth/login", payload })).json();
    expect((await app.inject({ url: "/me", headers: bearer(tokens) })).json()).toEqual({ own: true });
    expect((await app.inject({ url: "/auth/me", headers: bearer(tokens) })).json()).toMatchObject({
      email: payload.email,
    });
    const metadata = (await app.inject("/.well-known/oauth-authorization-server")).json();
    for (const name of ["token_endpoint", "revocation_endpoint", "introspection_endpoint"])
      expect((await postForm(app, new URL(metadata[name]).pathname, {})).statusCode).not.toBe(404);
    for (const name of ["jwks_uri", "revocation_feed"])
      expect((await app.inject(new URL(metadata[name]).pathname)).statusCode).toBe(200);
    expect(metadata.token_endpoint).toBe(`${issuer}/auth/token`);
    expect((await app.inject({ method: "POST", url: "/login", payload })).statusCode).toBe(404);
    const problem = (await app.inject({ method: "POST", url: "/auth/login", payload: {} })).json();
    expect(problem.type).toBe(`${issuer}/auth/problems/invalid_request`);
    expect((await app.inject(new URL(problem.type).pathname)).statusCode).toBe(200);
  });

  test.each(["auth", "/auth/", "/:tenant", "/a b", "/"])("%s is refused at the start", async (prefix) => {
    await expect(startBeside({ prefix })).rejects.toThrow("prefix must begin with a slash");
  });
});

test("routes with Zod schemas stand beside ours", async () => {
  const app = await startBeside({}, neighbours["a Zod type provider"]);
  const schema = {
    body: z.object({ title: z.string() }),
    response: { 200: z.object({ title: z.string() }) },
  };
  app.post("/posts", { schema }, async (request) => request.body);
  const response = await app.inject({ method: "POST", url: "/posts", payload: { title: "Hello" } });
  expect(response.json()).toEqual({ title: "Hello" });
});
