// `countersign serve` as a process of its own, on a free port.
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { lifeline } from "../../../../examples/two-services/src/processes.ts";

export interface Served {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has logged, one JSON object per line. */
  readonly log: readonly string[];
  /** Sends the signal and resolves with the exit code, or null after a signal that ended it. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

export const servedIssuer = "https://api.example.com";
const ownProgram = join(import.meta.dirname, "../../src/cli/main.ts");
/** What a process compiles is kept for the next ones when it ends (unless it is killed), which halves the time they need to start. */
const compileCache = join(import.meta.dirname, "../../../../node_modules/.cache/compiled");

/** Resolves when it listens. */
export function startServed(...args: readonly string[]): Promise<Served> {
  return startServedIn({}, ...args);
}

/** The same under these environment variables alone. */
export function startServedIn(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Served> {
  return startProgram(ownProgram, environment, ...args);
}

/** The same with another file as the program. */
export async function startProgram(
  program: string,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Served> {
  const usual = { "--port": "0", "--issuer": servedIssuer };
  const command = [
    "--conditions=@countersign/source",
    `--import=${lifeline}`,
    program,
    "serve",
    ...Object.entries(usual)
      .filter(([flag]) => !args.includes(flag))
      .flat(),
  ];
  const child = spawn(process.execPath, [...command, ...args], {
    env: { NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  const exited = once(child, "exit") as Promise<[number | null]>;
  const log: string[] = [];
  let errors = "";
  child.stderr.on("data", (text) => (errors += String(text)));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      log.push(line);
      const address = /Server listening at (http:[^"]+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    void exited.then(() => reject(new TypeError(`serve ended at once: ${errors}`)));
  });
  return {
    url,
    process: child,
    log,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}
