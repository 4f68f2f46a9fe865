// The API: it accepts the auth server's tokens, and judges them on its own.
import { createAccessVerifier, identityOf } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";
import express from "express";
import { once } from "node:events";
import type { Api, ApiOptions } from "./api-options.ts";
import { addNote, notesOf } from "./notes.ts";

export async function startApi({ issuer, audience, port }: ApiOptions): Promise<Api> {
  const verifier = createAccessVerifier({ issuer, audience });
  const guard = createGuard(verifier);
  const app = express().disable("x-powered-by");
  app.get("/notes", guard.required(), (request, response) => {
    response.json(notesOf(identityOf(request).subject));
  });
  app.post("/notes", guard.required(), express.json({ limit: "16kb" }), (request, response) => {
    const { text } = request.body as { text?: unknown };
    if (typeof text !== "string" || text === "") {
      response.status(400).json({ error: "text must be a string that is not empty" });
      return;
    }
    response.status(201).json(addNote(identityOf(request).subject, text));
  });
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      verifier.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
