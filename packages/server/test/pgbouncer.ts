// PgBouncer in front of a test's PostgreSQL, with its default settings: the program of Debian's package.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { installProgram } from "../../../scripts/debian-packages.ts";
import { nobody } from "./nobody.ts";
import { freePort } from "./postgres-cluster.ts";

export type PoolMode = "session" | "transaction";

export interface Pgbouncer {
  /** The same database by way of the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

/** Why PgBouncer cannot be had, or undefined once it is there; installs it where that is ours to do. */
export function obtainPgbouncer(): string | undefined {
  try {
    installProgram({ package: "pgbouncer", path: "/usr/sbin/pgbouncer" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `server` is a URL of the cluster behind it; `settings` are lines of its file beside the defaults. */
export async function startPgbouncer(
  server: string,
  poolMode: PoolMode,
  settings: readonly string[] = [],
): Promise<Pgbouncer> {
  const { hostname, port, username, password } = new URL(server);
  const folder = await mkdtemp(join(tmpdir(), "countersign-pgbouncer-"));
  const ownPort = await freePort();
  const users = join(folder, "userlist.txt");
  const file = join(folder, "pgbouncer.ini");
  await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`, { mode: 0o600 });
  const lines = [
    "[databases]",
    `* = host=${hostname} port=${port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${ownPort}`,
    "unix_socket_dir =",
    `auth_file = ${users}`,
    `pool_mode = ${poolMode}`,
    ...settings,
  ];
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  if (nobody !== undefined) for (const path of [folder, users, file]) chownSync(path, nobody.uid, nobody.gid);
  const child = spawn("/usr/sbin/pgbouncer", ["--quiet", file], { stdio: "ignore", ...nobody });
  const ended = once(child, "exit");
  // Whichever way this process ends, no pooler outlives it.
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);

  const bouncer: Pgbouncer = {
    through(url) {
      const behind = new URL(url);
      behind.port = String(ownPort);
      return behind.href;
    },
    async stop() {
      process.off("exit", killWithUs);
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
  while (!(await isListening(ownPort))) {
    if (child.exitCode !== null) {
      await bouncer.stop();
      throw new TypeError(`pgbouncer ended with code ${child.exitCode} instead of listening`);
    }
    await setTimeout(20);
  }
  return bouncer;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
