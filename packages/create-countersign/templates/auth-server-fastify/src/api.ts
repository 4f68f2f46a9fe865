// The API: it accepts the auth server's tokens, and judges them on its own.
import { createAccessVerifier, identityOf } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/fastify";
import { fastify } from "fastify";
import type { Api, ApiOptions } from "./api-options.ts";
import { addNote, notesOf } from "./notes.ts";

const noteBody = {
  type: "object",
  properties: { text: { type: "string", minLength: 1, maxLength: 1000 } },
  required: ["text"],
  additionalProperties: false,
} as const;

export async function startApi({ issuer, audience, port }: ApiOptions): Promise<Api> {
  const verifier = createAccessVerifier({ issuer, audience });
  const app = fastify({ forceCloseConnections: true });
  const onRequest = createGuard(verifier, app).required();
  app.get("/notes", { onRequest }, (request) => notesOf(identityOf(request).subject));
  app.post<{ Body: { text: string } }>(
    "/notes",
    { onRequest, schema: { body: noteBody } },
    (request, reply) => reply.code(201).send(addNote(identityOf(request).subject, request.body.text)),
  );
  const url = await app.listen({ port, host: "127.0.0.1" });
  return {
    url,
    async close() {
      verifier.close();
      await app.close();
    },
  };
}
