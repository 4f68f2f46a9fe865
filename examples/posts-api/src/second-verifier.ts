// GET /second-verifier: what a second service would be, for the story of the console. It asks the server for its public
// keys and follows its feed over HTTP, and shares nothing else with it but the process.
import { createAccessVerifier } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/fastify";
import type { FastifyInstance } from "fastify";

export async function secondVerifierRoutes(
  app: FastifyInstance,
  { issuer, audience = issuer }: { readonly issuer: string; readonly audience?: string | undefined },
): Promise<void> {
  const verifier = createAccessVerifier({ issuer, audience });
  // Its stream would hold the server's end up.
  app.addHook("preClose", (done) => {
    verifier.close();
    done();
  });
  const guard = createGuard(verifier, app);
  app.get("/second-verifier", { onRequest: guard.required() }, async (request) => ({
    reader: request.identity?.subject,
  }));
}
