#!/usr/bin/env node
// countersign: the command line. Exit codes: 0 done, 1 it failed, 2 it was not called right.
import { createInterface } from "node:readline/promises";
import { inspect } from "node:util";
import { ConfigError } from "../errors.ts";
import { explainStart } from "../explain-start.ts";
import { KeyError } from "../keys/error.ts";
import { StoreError } from "../database/errors.ts";
import { OperationRefused } from "../operations/operation.ts";
import { CommandFailed, type CommandContext } from "./command.ts";
import { runCommand } from "./run.ts";

const { stdin, stdout, stderr, env } = process;

const context: CommandContext = {
  environment: env,
  print,
  tell: stderr.isTTY ? (text) => void stderr.write(text) : undefined,
  ask: stdin.isTTY && stderr.isTTY ? ask : undefined,
  input: () => stdin,
  // https://no-color.org
  hasColour: stdout.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
};

/** Resolves when there is room for more. Whoever reads no further has had what they wanted. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(new CommandFailed("its output could not be written to the end", { cause: error }));
    });
  });
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

/** One line, or one for each mistake; whatever else there is to see comes with `--debug`. */
function explain(error: unknown): string {
  const hint = error instanceof Error && !isForOperators(error) ? " (--debug shows where)" : "";
  return explainStart(error, { portIsSetBy: "--port or COUNTERSIGN_PORT" }) + hint;
}

function isForOperators(error: Error): boolean {
  return (
    "syscall" in error ||
    [ConfigError, KeyError, StoreError, CommandFailed, OperationRefused].some((kind) => error instanceof kind)
  );
}

// A terminal or a disk that takes no more must not end a server.
for (const stream of [stdout, stderr]) stream.on("error", () => undefined);

const isDebugging = process.argv.includes("--debug");
try {
  await runCommand(
    process.argv.slice(2).filter((argument) => argument !== "--debug"),
    context,
  );
} catch (error) {
  process.stderr.write(`countersign: ${explain(error)}\n`);
  if (isDebugging) process.stderr.write(`${inspect(error)}\n`);
  // Something may have been opened before it failed, and must not keep the process alive.
  process.exit(error instanceof ConfigError ? 2 : 1);
}
