// The API as a process of its own, for tests.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { lifeline } from "../../two-services/src/processes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface RunningApi {
  readonly origin: string;
  /** Everything written to standard output so far. */
  output(): string;
  errors(): string;
  /** Sends the signal to the process and waits for its end. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `npm start`, or with `direct` the same program without npm in between, and waits until it listens. */
export async function startApi(
  dataDir: string,
  options: { readonly direct?: boolean; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<RunningApi> {
  const environment = {
    ...process.env,
    COUNTERSIGN_DATA_DIR: dataDir,
    // All the people of a test come from one address.
    COUNTERSIGN_SIGNUPS_PER_SOURCE: "1000000",
    PORT: "0",
    NODE_ENV: "production",
    ...options.environment,
  };
  const child = options.direct
    ? spawn(
        process.execPath,
        ["--conditions=@countersign/source", `--import=${lifeline}`, "examples/posts-api/src/main.ts"],
        {
          cwd: root,
          env: environment,
          stdio: ["ignore", "pipe", "pipe", "ipc"],
        },
      )
    : // A process group of its own, so that a signal reaches the program as Ctrl-C in a terminal does.
      spawn("npm", ["start"], { cwd: root, env: environment, detached: true });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    send(child, signal, options.direct === true);
    return ended;
  };
  // A test that fails half-way leaves no process behind.
  const killWithUs = (): void => send(child, "SIGKILL", options.direct === true);
  process.once("exit", killWithUs);
  onTestFinished(async () => {
    await stop("SIGKILL");
    process.off("exit", killWithUs);
  });

  const listening = (): string | undefined => /The API is at (\S+)\. /.exec(output)?.[1];
  const deadline = Date.now() + 20_000;
  while (listening() === undefined) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop("SIGKILL");
      throw new TypeError(`The API did not start:\n${output}\n${errors}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { origin: listening() ?? "", output: () => output, errors: () => errors, stop };
}

function send(child: ChildProcess, signal: NodeJS.Signals, direct: boolean): void {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (hasEnded || child.pid === undefined) return;
  process.kill(direct ? child.pid : -child.pid, signal);
}
