// Vitest's global set-up: one PostgreSQL for the whole run, started when the first test asks for it, and PgBouncer in
// front of it where a test goes that way.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { obtainPgbouncer, type Pgbouncer, type PoolMode, startPgbouncer } from "./pgbouncer.ts";
import { type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** POST to `schema`, `session` or `transaction` below makes an empty database; see `postgres.ts`. */
    newPostgresDatabase: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<PostgresCluster> | undefined;
  let missing: { readonly reason: string | undefined } | undefined;
  const bouncers = new Map<PoolMode, Promise<Pgbouncer>>();

  async function answer(method: string, path: string, body: string): Promise<string> {
    if (path === "/pgbouncer") return (missing ??= { reason: obtainPgbouncer() }).reason ?? "";
    cluster ??= startPostgres();
    const postgres = await cluster;
    if (path === "/schema") return postgres.newSchema();
    if (method === "DELETE") return postgres.dropDatabase(body).then(() => "");
    const url = await postgres.newDatabase();
    if (path === "/database") return url;
    const mode = path === "/session" ? "session" : "transaction";
    const bouncer = bouncers.get(mode) ?? startPgbouncer(url, mode);
    bouncers.set(mode, bouncer);
    return (await bouncer).through(url);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      answer(request.method ?? "", request.url ?? "", Buffer.concat(chunks).toString())
        .then((text) => response.end(text))
        .catch((error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  project.provide("newPostgresDatabase", `http://127.0.0.1:${port}/`);

  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (const bouncer of bouncers.values()) await (await bouncer.catch(() => undefined))?.stop();
    const postgres = await cluster?.catch(() => undefined);
    await postgres?.destroy();
  };
}
