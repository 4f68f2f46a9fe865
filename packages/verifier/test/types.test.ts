// What the compiler knows of an identity in each framework; judged by `tsc`, not when the test runs.
import type { FastifyRequest } from "fastify";
import type { Request as ExpressRequest } from "express";
import { Hono } from "hono";
import { expectTypeOf, test } from "vitest";
import { createGuard as createFetchGuard } from "../src/frameworks/fetch.ts";
import { createGuard as createHonoGuard } from "../src/frameworks/hono.ts";
import { createGuard as createNodeGuard } from "../src/frameworks/node.ts";
import "../src/frameworks/express.ts";
import "../src/frameworks/fastify.ts";
import { createAccessVerifier } from "../src/index.ts";
import type { Identity } from "../src/index.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";

const verifier = createAccessVerifier({ issuer, audience, keys: issuerWithSecret().keys, revocations: null });

test("Fastify and Express requests have an identity that may be missing", () => {
  expectTypeOf<FastifyRequest["identity"]>().toEqualTypeOf<Identity | undefined>();
  expectTypeOf<ExpressRequest["identity"]>().toEqualTypeOf<Identity | undefined>();
});

test("behind required() Hono's context has an identity, behind optional() it may be missing", () => {
  const guard = createHonoGuard(verifier);
  new Hono()
    .get("/a", guard.required(), (context) => {
      expectTypeOf(context.var.identity).toEqualTypeOf<Identity>();
      expectTypeOf(context.get("identity")).toEqualTypeOf<Identity>();
      return context.body(null);
    })
    .get("/b", guard.optional(), (context) => {
      expectTypeOf(context.var.identity).toEqualTypeOf<Identity | undefined>();
      return context.body(null);
    });
});

test("handlers of node:http are typed by their guard", () => {
  const guard = createNodeGuard(verifier);
  guard.required((request) => expectTypeOf(request.identity).toEqualTypeOf<Identity>());
  guard.optional((request) => expectTypeOf(request.identity).toEqualTypeOf<Identity | undefined>());
});

test("a fetch check is an identity once the response has been returned", async () => {
  const guard = createFetchGuard(verifier);
  const request = new Request("https://api.example");
  const identity = await guard.required()(request);
  if (!(identity instanceof Response)) expectTypeOf(identity).toEqualTypeOf<Identity>();
  const visitor = await guard.optional()(request);
  if (!(visitor instanceof Response)) expectTypeOf(visitor).toEqualTypeOf<Identity | undefined>();
});
