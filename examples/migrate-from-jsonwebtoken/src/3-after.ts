// Third step, once the last old token has expired: the secret is gone, and a log-out counts.
import { type AccessVerifier, identityOf } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";
import express, { type Express } from "express";

export function createApp(verifier: AccessVerifier): Express {
  const guard = createGuard(verifier);
  const app = express();
  app.get("/orders", guard.required(), (request, response) => {
    response.json({ customer: identityOf(request).subject });
  });
  return app;
}
