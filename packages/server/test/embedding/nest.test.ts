// The server in an app of NestJS, on both of its platforms.
import "reflect-metadata";
import { AllowAnonymous, CountersignModule, Identity } from "@countersign/verifier/nest";
import { Body, Controller, Get, type INestApplication, Module, Post, Req, type Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import express, { type RequestHandler } from "express";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CountersignOptions, createHandler, type Handler } from "../../src/index.ts";

const credentials = JSON.stringify({ email: "ada@example.com", password: "tangerine violin ledger" });
const json = { "content-type": "application/json" };

function newHandler(options: Partial<CountersignOptions> = {}): Handler {
  const masterKey = randomBytes(32).toString("base64url");
  const handler = createHandler(
    { issuer: "http://127.0.0.1", databaseUrl: "sqlite::memory:", masterKey, ...options },
    { logger: false },
  );
  onTestFinished(() => handler.close());
  return handler;
}

/** Decorators are called as the functions they are. */
function moduleOf({ verifier }: Handler): Type {
  class Posts {
    list(identity: Identity): unknown {
      return { reader: identity.subject };
    }

    own(body: unknown, { url }: { url: string }): unknown {
      return { got: body, url };
    }
  }
  const decorate = (name: "list" | "own", decorator: MethodDecorator): void =>
    void decorator(Posts.prototype, name, Object.getOwnPropertyDescriptor(Posts.prototype, name) ?? {});
  Identity()(Posts.prototype, "list", 0);
  decorate("list", Get("/posts"));
  Body()(Posts.prototype, "own", 0);
  Req()(Posts.prototype, "own", 1);
  decorate("own", Post("/auth/own"));
  decorate("own", AllowAnonymous());
  Controller()(Posts);
  class Root {
    readonly name = "root";
  }
  Module({ imports: [CountersignModule.forRoot(verifier)], controllers: [Posts] })(Root);
  return Root;
}

/** Nest would end the process with whatever goes wrong at the start. */
const quiet = { logger: false, abortOnError: false } as const;

type Use = (app: INestApplication) => void;

/** What an app of each platform needs to have the handler before its parsers: `app.use`, before it listens. */
const platforms: Readonly<Record<string, (module: Type) => Promise<INestApplication>>> = {
  Express: (module) => NestFactory.create<NestExpressApplication>(module, quiet),
  Fastify: (module) =>
    NestFactory.create<NestFastifyApplication>(
      module,
      new FastifyAdapter({ forceCloseConnections: true }),
      quiet,
    ),
};

describe.each(Object.keys(platforms))("in NestJS on %s", (platform) => {
  async function listen(handler: Handler, use: Use): Promise<string> {
    const app = await platforms[platform]?.(moduleOf(handler));
    if (app === undefined) throw new TypeError(platform);
    onTestFinished(() => app.close());
    use(app);
    await app.listen(0, "127.0.0.1");
    return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  }

  test.each([
    ["/auth", "/auth"],
    ["/", ""],
  ])("at %s, one process signs up, logs in, guards and refuses", async (path, prefix) => {
    const handler = newHandler({ prefix });
    const base = await listen(handler, (app) => app.use(path, handler));
    expect((await fetch(`${base}/posts`)).status).toBe(401);
    const post = (url: string, headers: object = {}, body = credentials) =>
      fetch(`${base}${prefix}${url}`, { method: "POST", headers: { ...json, ...headers }, body });
    expect((await post("/signup")).status).toBe(201);
    const { access_token: token } = (await (await post("/login")).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect(await (await fetch(`${base}/posts`, { headers })).json()).toEqual({
      reader: expect.any(String) as string,
    });
    expect((await post("/login", {}, "{}")).status).toBe(400);
    await fetch(`${base}${prefix}/logout`, { method: "POST", headers });
    expect((await fetch(`${base}/posts`, { headers })).status).toBe(401);
  });

  test("what is not ours goes on with its body and its path", async () => {
    for (const path of ["/", "/auth"]) {
      const handler = newHandler({ prefix: path === "/" ? "" : path });
      const base = await listen(handler, (app) => app.use(path, handler));
      const request = { method: "POST", headers: json, body: '{"b":2}' };
      const response = await fetch(`${base}/auth/own?a=1`, request);
      expect(await response.json()).toEqual({ got: { b: 2 }, url: "/auth/own?a=1" });
      expect((await fetch(`${base}/nothing`)).status).toBe(404);
    }
  });

  test("after a parser it says at once that its body is gone", async () => {
    const handler = newHandler();
    const base = await listen(handler, (app) => {
      app.use(express.json() as RequestHandler);
      app.use(handler);
    });
    const response = await fetch(`${base}/login`, { method: "POST", headers: json, body: credentials });
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "body_consumed" });
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});
