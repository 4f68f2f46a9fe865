// An Express API that judges the auth server's tokens on its own. This file is all that a service needs.
import { createAccessVerifier, identityOf } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";
import express from "express";
import { readEnvironment } from "./environment.ts";

const { issuer, audience, port, maxStalenessSeconds } = readEnvironment(3002);
const verifier = createAccessVerifier({ issuer, audience, maxStalenessSeconds });
const guard = createGuard(verifier);

const app = express().disable("x-powered-by");
app.get("/orders", guard.required(), (request, response) => {
  response.json({ orders: [], customer: identityOf(request).subject });
});
app.delete("/orders", guard.required({ roles: ["admin"] }), (_request, response) => {
  response.status(204).end();
});
app.get("/status", (_request, response) => {
  response.json(verifier.status());
});
app.listen(port, "127.0.0.1");

// Not waited for: the API starts without the auth server too, and answers 503 until it has been reached.
verifier.ready().catch((error: unknown) => process.stderr.write(`orders: ${String(error)}\n`));
