// A Hono API that judges the auth server's tokens on its own. This file is all that a service needs.
import { createAccessVerifier } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/hono";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { readEnvironment } from "./environment.ts";

const { issuer, audience, port, maxStalenessSeconds } = readEnvironment(3003);
const verifier = createAccessVerifier({ issuer, audience, maxStalenessSeconds });
const guard = createGuard(verifier);

const app = new Hono()
  .get("/reports", guard.required(), ({ json, var: { identity } }) =>
    json({ reports: [], reader: identity.subject }),
  )
  .delete("/reports", guard.required({ roles: ["admin"] }), ({ body }) => body(null, 204))
  .get("/status", ({ json }) => json(verifier.status()));
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });

// Not waited for: the API starts without the auth server too, and answers 503 until it has been reached.
verifier.ready().catch((error: unknown) => process.stderr.write(`reports: ${String(error)}\n`));
