// From what somebody typed to the command that does it.
import packageJson from "../../package.json" with { type: "json" };
import { ConfigError } from "../errors.ts";
import { readCommand } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { commands } from "./commands.ts";
import { helpOfAll, helpOfCommand } from "./help.ts";

/** @throws whatever the command throws; ConfigError where there is no such command */
export async function runCommand([name, ...args]: readonly string[], context: CommandContext): Promise<void> {
  const { print } = context;
  if (name === "--version" || name === "-v") return print(`${packageJson.version}\n`);
  if (name === "--help" || name === "-h" || name === "help") return print(helpOfAll(commands));
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (name === undefined || command === undefined) {
    const detail = name === undefined ? "a command is needed" : `there is no command "${name.slice(0, 40)}"`;
    throw new ConfigError([`${detail}; see countersign --help`]);
  }
  if (args.includes("--help") || args.includes("-h")) return print(helpOfCommand(name, command));
  const { verb, asked } = readCommand(name, command, args);
  await verb.run(asked, context);
}
