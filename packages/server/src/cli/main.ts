#!/usr/bin/env node
// countersign: the command line. Exit codes: 0 done, 1 it failed, 2 it was not called right.
import { ConfigError } from "../errors.ts";
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
  await command.run(args, { environment: process.env, print });
}

/** Mistakes of the operator get a sentence, faults of ours a stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError && error.problems.length === 1) return error.problems.join("");
  const isForOperators = [ConfigError, KeyError, StoreError, CommandFailed].some(
    (kind) => error instanceof kind,
  );
  if (error instanceof Error && isForOperators) return error.message;
  if (!(error instanceof Error)) return String(error);
  const isOfSystem = "syscall" in error;
  return isOfSystem ? error.message : (error.stack ?? error.message);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`countersign: ${explain(error)}\n`);
  // Something may have been opened before it failed, and must not keep the process alive.
  process.exit(error instanceof ConfigError ? 2 : 1);
}
