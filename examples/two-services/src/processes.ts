// Starts the auth server and the services as processes of their own.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const countersign = fileURLToPath(new URL("../../../packages/server/src/cli/main.ts", import.meta.url));

/** Longer than the auth server's own limit (`drainTimeoutSeconds`). */
const stopTimeoutMs = 12_000;

export interface Running {
  readonly url: string;
  readonly pid: number | undefined;
  /** Sends the signal and waits for the end. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
  /** Resolves with the exit code when the process ends. */
  readonly ended: Promise<number | null>;
}

/** What all three have to agree on. */
export interface Deployment {
  readonly authPort: number;
  readonly audience: string;
  /** Further environment of the auth server and the services. */
  readonly environment: NodeJS.ProcessEnv;
}

/** `countersign serve`; resolves when it is ready. */
export function startAuthServer({ authPort, audience, environment }: Deployment): Promise<Running> {
  const args = [countersign, "serve", "--port", String(authPort), "--audience", audience];
  return start(authPort, args, environment, "/health/ready");
}

/** One of the services in this folder; resolves when it listens, whether or not the auth server is there. */
export function startService(name: string, port: number, deployment: Deployment): Promise<Running> {
  const file = fileURLToPath(new URL(`${name}-api.ts`, import.meta.url));
  const environment = {
    ...deployment.environment,
    PORT: String(port),
    ISSUER: urlOf(deployment.authPort),
    AUDIENCE: deployment.audience,
  };
  return start(port, [file], environment, "/status");
}

async function start(port: number, args: string[], env: NodeJS.ProcessEnv, health: string): Promise<Running> {
  await requireFreePort(port);
  const child = spawn(process.execPath, ["--conditions=@countersign/source", ...args], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(late);
  };
  const url = urlOf(port);
  await untilHealthy(url + health, child, stop);
  return { url, pid: child.pid, ended, stop };
}

/** Otherwise whoever has the port would answer, and look like the process that could not have it. */
async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    throw new TypeError(`port ${port} cannot be had; AUTH_PORT, ORDERS_PORT and REPORTS_PORT choose others`, {
      cause: error,
    });
  }
  await new Promise((resolve) => server.close(resolve));
}

async function untilHealthy(url: string, child: ChildProcess, stop: Running["stop"]): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop("SIGKILL");
      throw new TypeError(`nobody answers at ${url}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
