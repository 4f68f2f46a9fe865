// Starts the auth server and the services as processes of their own, and lets none of them outlive whoever started it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const countersign = fileURLToPath(new URL("../../../packages/server/src/cli/main.ts", import.meta.url));
/** Loaded into a program that has a channel to us (`ipc`), it ends the program with this process, however this one ends. */
export const lifeline: string = new URL("lifeline.ts", import.meta.url).href;

/** Longer than the auth server's own limit (`drainTimeoutSeconds`). */
export const stopTimeoutMs = 12_000;
/** On a machine with ten times as many tasks as processors a first start takes half a minute. */
const startTimeoutMs = 60_000;

export interface Running {
  readonly url: string;
  readonly pid: number | undefined;
  /** Sends the signal and waits for the end. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

/** What all three have to agree on. */
export interface Deployment {
  readonly authPort: number;
  readonly audience: string;
  /** Further environment of the auth server and the services. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface Processes {
  /** `countersign serve`; resolves when it is ready. */
  readonly startAuthServer: (deployment: Deployment) => Promise<Running>;
  /** One of the services in this folder; resolves when it listens, whether or not the auth server is there. */
  readonly startService: (name: string, port: number, deployment: Deployment) => Promise<Running>;
  /** Ends all, those that are still starting as well, and starts no other. */
  readonly stop: () => Promise<void>;
  /** The same without waiting for what they have under way. */
  readonly kill: () => void;
}

/** Register `stop` before the first start: then nothing is left, whichever start fails. */
export function createProcesses(): Processes {
  const children = new Set<ChildProcess>();
  let isStopped = false;

  async function start(
    port: number,
    args: string[],
    env: NodeJS.ProcessEnv,
    health: string,
  ): Promise<Running> {
    await requireFreePort(port);
    if (isStopped) throw new TypeError("the processes are being stopped");
    const child = spawn(
      process.execPath,
      ["--conditions=@countersign/source", `--import=${lifeline}`, ...args],
      { env, stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    children.add(child);
    const ended = once(child, "exit").then(() => void children.delete(child));
    const url = urlOf(port);
    await untilHealthy(url + health, child);
    return {
      url,
      pid: child.pid,
      ended,
      async stop(signal) {
        child.kill(signal);
        await endOf(child, ended);
      },
    };
  }

  return {
    startAuthServer({ authPort, audience, environment }) {
      const args = [countersign, "serve", "--port", String(authPort), "--audience", audience];
      return start(authPort, args, environment, "/health/ready");
    },
    startService(name, port, deployment) {
      const file = fileURLToPath(new URL(`${name}-api.ts`, import.meta.url));
      const environment = {
        ...deployment.environment,
        PORT: String(port),
        ISSUER: urlOf(deployment.authPort),
        AUDIENCE: deployment.audience,
      };
      return start(port, [file], environment, "/status");
    },
    async stop() {
      isStopped = true;
      const ends = [...children].map((child) => endOf(child, once(child, "exit")));
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(ends);
    },
    kill() {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}

/** Waits for the end of a process that was told to stop; one that does not is killed. */
async function endOf(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(late);
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

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isHealthy(url))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new TypeError(`nobody answers at ${url}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
