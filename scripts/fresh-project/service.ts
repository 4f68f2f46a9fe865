// Everything that a service imports, as its compiler sees it.
import { createClient } from "@countersign/client";
import { createSigner, createVerifier, generateKey, keySet } from "@countersign/token";
import { sign, verify } from "@countersign/token/jsonwebtoken";
import { createAccessVerifier, type Identity } from "@countersign/verifier";
import { createGuard as createExpressGuard } from "@countersign/verifier/express";
import { createGuard as createFastifyGuard } from "@countersign/verifier/fastify";
import { createGuard as createFetchGuard } from "@countersign/verifier/fetch";
import { createGuard as createHonoGuard } from "@countersign/verifier/hono";
import { CountersignModule, Roles } from "@countersign/verifier/nest";
import { createGuard as createNodeGuard } from "@countersign/verifier/node";
import { createGuard as createSocketGuard } from "@countersign/verifier/websocket";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";
import { WebSocketServer } from "ws";

const verifier = createAccessVerifier({ issuer: "https://auth.example", audience: "api" });
const guard = createExpressGuard(verifier);
express().get("/", guard.required({ roles: ["admin"] }), (request, response) => {
  const identity: Identity | undefined = request.identity;
  response.json({ subject: identity?.subject });
});

const app = fastify();
app.get(
  "/",
  { onRequest: createFastifyGuard(verifier, app).required() },
  (request) => request.identity?.subject,
);

new Hono().get("/", createHonoGuard(verifier).required(), (context) =>
  context.json(context.var.identity.roles),
);

createNodeGuard(verifier).required((request, response) => response.end(request.identity.subject));
createSocketGuard(verifier).upgrade(new WebSocketServer({ noServer: true }), { scope: ["chat"] });

export const check = createFetchGuard(verifier).required();
export const module = CountersignModule.forRoot(verifier);
export const decorator = Roles("admin");
export const client = createClient({ baseUrl: "https://auth.example" });
export const engine = { createSigner, createVerifier, generateKey, keySet, sign, verify };
