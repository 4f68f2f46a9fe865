// The API: it accepts the auth server's tokens, and judges them on its own.
import "reflect-metadata";
import { createAccessVerifier } from "@countersign/verifier";
import { NestFactory } from "@nestjs/core";
import type { Api, ApiOptions } from "./api-options.ts";
import { AppModule } from "./app-module.ts";

export async function startApi({ issuer, audience, port }: ApiOptions): Promise<Api> {
  const verifier = createAccessVerifier({ issuer, audience });
  const app = await NestFactory.create(AppModule.forRoot(verifier), {
    logger: ["error", "warn"],
    forceCloseConnections: true,
  });
  await app.listen(port, "127.0.0.1");
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      verifier.close();
      await app.close();
    },
  };
}
