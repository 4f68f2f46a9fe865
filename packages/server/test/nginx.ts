// nginx in front of instances, with the configuration of deploy/: the program of Debian's package.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { installProgram } from "../../../scripts/debian-packages.ts";
import { freePort } from "./postgres-cluster.ts";

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

const program = "/usr/sbin/nginx";
const template = join(import.meta.dirname, "../../../deploy/nginx.conf");

/** What is added to the template: directives of `http`, and of its `server`. */
export interface NginxAdditions {
  readonly http: string;
  readonly server: string;
}

/** `ports` of the two instances stand in for those of the template; all else of it stays. */
export async function startNginx(
  ports: readonly [number, number],
  { http, server }: NginxAdditions = { http: "", server: "" },
): Promise<Nginx> {
  installProgram({ package: "nginx-light", path: program });
  const folder = await mkdtemp(join(tmpdir(), "countersign-nginx-"));
  // Its workers, of another user where the tests run as root, pass through to what they keep there.
  await chmod(folder, 0o711);
  const port = await freePort();
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(" ");
  const text = readFileSync(template, "utf8")
    .replace("10.89.7.11:3001", `127.0.0.1:${ports[0]}`)
    .replace("10.89.7.12:3001", `127.0.0.1:${ports[1]}`)
    .replace("listen 8080;", `listen 127.0.0.1:${port};`)
    .replace("    location / {", `${server}\n    location / {`)
    .replace("http {", `http { access_log off; ${places}\n${http}`)
    .replaceAll("/var/cache/nginx/", `${folder}/`);
  const file = join(folder, "nginx.conf");
  await writeFile(file, text);
  const directives = `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;`;
  const args = ["-p", folder, "-c", file, "-g", directives, "-e", join(folder, "error.log")];
  execFileSync(program, ["-t", ...args], { stdio: "pipe" });
  const child = spawn(program, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  const killWithUs = (): void => void child.kill("SIGTERM");
  process.once("exit", killWithUs);
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new TypeError(readFileSync(join(folder, "error.log"), "utf8"));
    await setTimeout(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      process.off("exit", killWithUs);
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
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
