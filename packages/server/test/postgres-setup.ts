// Vitest's global set-up: one PostgreSQL for the whole run, started when the first test asks for it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** POST here makes an empty database and answers its URL. */
    newPostgresDatabase: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<PostgresCluster> | undefined;

  const server = createServer((_request, response) => {
    cluster ??= startPostgres();
    cluster
      .then((postgres) => postgres.newSchema())
      .then((url) => response.end(url))
      .catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  project.provide("newPostgresDatabase", `http://127.0.0.1:${port}/`);

  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const postgres = await cluster?.catch(() => undefined);
    await postgres?.destroy();
  };
}
