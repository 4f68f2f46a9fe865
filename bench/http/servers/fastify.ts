/** Fastify: bare, with Countersign, with its guard that judges nobody, with the least that a guard can do, with @fastify/jwt. */
import fastifyJwt from "@fastify/jwt";
import { importPem, keySet } from "@countersign/token";
import { createAccessVerifier, identityOfSession } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/fastify";
import Fastify, {
  type onRequestAsyncHookHandler,
  type FastifyRequest,
  type onRequestHookHandler,
} from "fastify";
import type { AddressInfo } from "node:net";
import { posts, type Trust } from "../trust.ts";
import { floorVerifier } from "./floor.ts";
import { serve } from "./process.ts";

serve(async (trust, variant) => {
  const app = Fastify();
  const guard = await guardOf(variant, trust, app);
  app.get("/posts", guard === undefined ? {} : { onRequest: guard }, async () => posts);
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { port: (app.server.address() as AddressInfo).port };
});

async function guardOf(
  variant: string,
  { issuer, audience, secret, publicPem }: Trust,
  app: ReturnType<typeof Fastify>,
): Promise<onRequestHookHandler | onRequestAsyncHookHandler | undefined> {
  switch (variant) {
    case "countersign":
      return createGuard(
        createAccessVerifier({
          issuer,
          audience,
          secret: Buffer.from(secret, "base64url"),
          revocations: null,
        }),
        app,
      ).required();
    case "countersign ES256":
      return createGuard(
        createAccessVerifier({
          issuer,
          audience,
          keys: keySet([importPem("ES256", publicPem)]),
          revocations: null,
        }),
        app,
      ).required();
    case "nobody judged": {
      const somebody = identityOfSession({ userId: "somebody", sid: "", roles: [], authTime: 0 });
      return createGuard({ authenticate: () => somebody, now: () => 0 }, app).required();
    }
    case "floor": {
      const verify = floorVerifier(Buffer.from(secret, "base64url"));
      app.decorateRequest("claims", undefined);
      return (request: FastifyRequest & { claims?: unknown }, reply, done) => {
        request.claims = verify(request.headers.authorization?.slice("Bearer ".length) ?? "");
        if (request.claims === undefined) void reply.code(401).send();
        else done();
      };
    }
    case "@fastify/jwt": {
      await app.register(fastifyJwt, {
        secret: Buffer.from(secret, "base64url"),
        verify: { algorithms: ["HS256"], allowedIss: issuer, allowedAud: audience },
      });
      return async (request: FastifyRequest) => {
        await request.jwtVerify();
      };
    }
    default:
      return undefined;
  }
}
