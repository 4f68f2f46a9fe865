/** Starts the server of a case as a process of its own and reads how much CPU time it has used. */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { HttpCase } from "./cases.ts";
import type { CpuReport, Started } from "./servers/process.ts";
import type { Trust } from "./trust.ts";

export interface RunningServer extends Started {
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Undefined where this machine lacks what the server needs. */
export async function startServer(each: HttpCase, trust: Trust): Promise<RunningServer | undefined> {
  const path = fileURLToPath(new URL(`servers/${each.server}`, import.meta.url));
  return each.server.endsWith(".py")
    ? startPython(each.variant, trust)
    : startNode(path, each.variant, trust);
}

async function startNode(path: string, variant: string, trust: Trust): Promise<RunningServer> {
  const child = fork(path, {
    execArgv: ["--conditions=@countersign/source"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const ask = <Answer>(message: object | string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new TypeError(`${path} ended with ${code}`));
      child.once("exit", onExit);
      child.once("message", (answer) => {
        child.off("exit", onExit);
        resolve(answer as Answer);
      });
      child.send(message);
    });
  const started = await ask<Started>({ trust, variant });
  return {
    ...started,
    cpuMicroseconds: async () => (await ask<CpuReport>("cpu")).cpuMicroseconds,
    stop: () => stop(child, () => child.disconnect()),
  };
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
    cpuMicroseconds: async () => cpuOfProcess(child.pid ?? 0),
    stop: () => stop(child, () => child.kill("SIGTERM")),
  };
}

/** Fields 14 and 15 of proc(5), in ticks of 10 ms; the name in field 2 may hold anything but ends with the last bracket. */
function cpuOfProcess(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function stop(child: ChildProcess, ask: () => void): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  ask();
  await ended;
}
