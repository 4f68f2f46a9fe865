/** Starts the server of a case as a process of its own and reads how much CPU time it has used. */
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startForked } from "../forked-process.ts";
import { cpuMicrosecondsOf } from "../process-time.ts";
import type { HttpCase } from "./cases.ts";
import type { ServerOrder, Started } from "./servers/process.ts";
import type { Trust } from "./trust.ts";

export interface RunningServer extends Started {
  readonly pid: number;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Undefined where this machine lacks what the server needs. */
export async function startServer(each: HttpCase, trust: Trust): Promise<RunningServer | undefined> {
  const { server, variant } = each;
  return server.endsWith(".py")
    ? startPython(variant, trust)
    : startNode(new URL(`servers/${server}`, import.meta.url), { trust, variant });
}

async function startNode(script: URL, order: ServerOrder): Promise<RunningServer> {
  const { pid, started, cpuMicroseconds, stop } = await startForked<Started>(script, order);
  return { ...started, pid, cpuMicroseconds, stop };
}

async function startPython(variant: string, trust: Trust): Promise<RunningServer | undefined> {
  const python = "/usr/bin/python3";
  try {
    execFileSync(python, ["-c", "import fastapi, uvicorn, jose"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const port = await freePort();
  const folder = fileURLToPath(new URL("servers", import.meta.url));
  const child = spawn(
    python,
    [
      "-B",
      "-m",
      "uvicorn",
      "fastapi_posts:app",
      "--port",
      String(port),
      "--no-access-log",
      "--log-level",
      "warning",
    ],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        BENCH_VARIANT: variant,
        BENCH_SECRET: trust.secret,
        BENCH_ISSUER: trust.issuer,
        BENCH_AUDIENCE: trust.audience,
      },
    },
  );
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const answered = await fetch(`http://127.0.0.1:${port}/posts`).then(
      () => true,
      () => false,
    );
    if (answered) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    pid: child.pid ?? 0,
    cpuMicroseconds: async () => cpuMicrosecondsOf(child.pid ?? 0),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
