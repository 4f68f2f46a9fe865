// The API with everything in it: sign-up, login, tokens, and the notes.
import { createApp, optionsOfEnvironment } from "@countersign/server";
import { identityOf } from "@countersign/verifier";
// Tells the compiler of `request.identity`.
import type {} from "@countersign/verifier/fastify";
import { addNote, notesOf } from "./notes.ts";

export interface Api {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const noteBody = {
  type: "object",
  properties: { text: { type: "string", minLength: 1, maxLength: 1000 } },
  required: ["text"],
  additionalProperties: false,
} as const;

export async function startApi(port: number, environment: NodeJS.ProcessEnv): Promise<Api> {
  const options = optionsOfEnvironment(environment);
  const app = createApp(
    { ...options, issuer: options.issuer ?? `http://127.0.0.1:${port}` },
    { logger: environment["NODE_ENV"] !== "test" },
  );
  await app.register(async (routes) => {
    const onRequest = routes.auth.required();
    routes.get("/notes", { onRequest }, (request) => notesOf(identityOf(request).subject));
    routes.post<{ Body: { text: string } }>(
      "/notes",
      { onRequest, schema: { body: noteBody } },
      (request, reply) => reply.code(201).send(addNote(identityOf(request).subject, request.body.text)),
    );
  });
  const url = await app.listen({ port, host: "127.0.0.1" });
  return { url, close: () => app.close() };
}
