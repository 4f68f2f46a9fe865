#!/usr/bin/env node
// countersign: the command line. Exit codes: 0 done, 1 it failed, 2 it was not called right.
import { inspect } from "node:util";
import { ConfigError } from "../errors.ts";
import { explainStart } from "../explain-start.ts";
import { KeyError } from "../keys/error.ts";
import { StoreError } from "../database/errors.ts";
import packageJson from "../../package.json" with { type: "json" };
import { audit } from "./audit.ts";
import { type Command, CommandFailed } from "./command.ts";
import { keys } from "./keys.ts";
import { revokeEverything } from "./revoke-everything.ts";
import { serve } from "./serve.ts";

const commands: Readonly<Record<string, Command>> = {
  serve,
  keys,
  audit,
  "revoke-everything": revokeEverything,
};

const help = `Countersign: self-hosted, stateless authentication.

Usage: countersign COMMAND [options]

Commands
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`)
  .join("\n")}

  countersign COMMAND --help   what a command takes
  countersign --version
  --debug                      where something failed, with any command
`;

async function run([name, ...args]: readonly string[]): Promise<void> {
  const print = (text: string): void => void process.stdout.write(text);
  if (name === "--version" || name === "-v") return print(`${packageJson.version}\n`);
  if (name === "--help" || name === "-h" || name === "help") return print(help);
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (command === undefined) {
    const detail = name === undefined ? "a command is needed" : `there is no command "${name.slice(0, 40)}"`;
    throw new ConfigError([`${detail}; see countersign --help`]);
  }
  if (args.includes("--help") || args.includes("-h")) return print(command.help);
  const tell = process.stderr.isTTY ? (text: string): void => void process.stderr.write(text) : undefined;
  await command.run(args, { environment: process.env, print, tell });
}

/** One line, or one for each mistake; whatever else there is to see comes with `--debug`. */
function explain(error: unknown): string {
  const hint = error instanceof Error && !isForOperators(error) ? " (--debug shows where)" : "";
  return explainStart(error, { portIsSetBy: "--port or COUNTERSIGN_PORT" }) + hint;
}

function isForOperators(error: Error): boolean {
  return (
    "syscall" in error ||
    [ConfigError, KeyError, StoreError, CommandFailed].some((kind) => error instanceof kind)
  );
}

// A terminal or a disk that takes no more must not end a server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const isDebugging = process.argv.includes("--debug");
try {
  await run(process.argv.slice(2).filter((argument) => argument !== "--debug"));
} catch (error) {
  process.stderr.write(`countersign: ${explain(error)}\n`);
  if (isDebugging) process.stderr.write(`${inspect(error)}\n`);
  // Something may have been opened before it failed, and must not keep the process alive.
  process.exit(error instanceof ConfigError ? 2 : 1);
}
