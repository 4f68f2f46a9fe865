// PostgreSQL as Debian packages it, with the tools that npm's one lacks: unpacked into a temporary folder, not installed,
// so that no server of the machine comes of it.
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { unpackPackages } from "../../../scripts/debian-packages.ts";
import { nobody } from "./nobody.ts";
import { freePort } from "./postgres-cluster.ts";

export interface DebianPostgres {
  /** The folder of `pg_dump` and `pg_restore`, for a `PATH`. */
  readonly path: string;
  /** What one of its tools prints. @throws Error with what it says when it fails */
  run(tool: string, ...args: string[]): Buffer;
  /** A cluster of its own, gone when the test ends; answers the URL of its one database. */
  newCluster(): Promise<string>;
}

/** Of whichever release this Debian has. */
const packages =
  "$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\\([0-9]*\\)$/postgresql-\\1 postgresql-client-\\1/p') libpq5";

/** @throws TypeError that says what to do, where Debian's packages cannot be had */
export async function unpackDebianPostgres(): Promise<DebianPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-debian-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  unpackPackages(packages, folder);
  const [version = ""] = await readdir(join(folder, "usr/lib/postgresql"));
  const programs = join(folder, "usr/lib/postgresql", version, "bin");
  const libraries = (await readdir(join(folder, "usr/lib"))).find((name) => /-linux-/.test(name)) ?? "";
  const path = join(folder, "tools");
  await mkdir(path);
  for (const name of ["initdb", "pg_ctl", "pg_dump", "pg_restore"]) {
    const script = `#!/bin/sh\nLD_LIBRARY_PATH=${join(folder, "usr/lib", libraries)} exec ${join(programs, name)} "$@"\n`;
    await writeFile(join(path, name), script, { mode: 0o755 });
  }

  function run(tool: string, ...args: string[]): Buffer {
    return execFileSync(join(path, tool), args, {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
      timeout: 60_000,
      ...nobody,
    });
  }

  return {
    path,
    run,
    async newCluster() {
      const data = await mkdtemp(join(folder, "data-"));
      if (nobody !== undefined) await chown(data, nobody.uid, nobody.gid);
      const port = await freePort();
      run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", data);
      const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
      // Its output goes nowhere: who waits for the end of it would wait for the server.
      run("pg_ctl", "start", "--wait", "-D", data, "-o", options, "-l", join(data, "log"));
      onTestFinished(() => void run("pg_ctl", "stop", "-D", data, "-m", "immediate"));
      return `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
    },
  };
}
