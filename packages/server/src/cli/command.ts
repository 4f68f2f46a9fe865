// What a command of `countersign` is, and how its arguments are read: every mistake found is told,
// not only the first.
import { parseArgs } from "node:util";
import { nearestOf } from "../settings/unknown-options.ts";

export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  /** For a person at a terminal alone: nobody else is told. */
  readonly tell?: ((text: string) => void) | undefined;
}

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The text of `--help`. */
  readonly help: string;
  /**
   * Returns when all is done, or when a server has started, which then keeps the process alive.
   *
   * @throws ConfigError for arguments or settings that cannot work
   * @throws CommandFailed if it ran, and the answer is no
   */
  run(args: readonly string[], context: CommandContext): Promise<void>;
}

/** The command did what it was asked to, and found what the shell should hear of: exit code 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

export interface Arguments<Name extends string, Flag extends string> {
  readonly values: Partial<Record<Name, string>>;
  readonly flags: ReadonlySet<Flag>;
  readonly positionals: readonly string[];
  /** A sentence for each mistake; the command adds its own. */
  readonly problems: string[];
}

/**
 * Reads `--name value` and `--name=value` for options that take a text, and `--flag` for those that
 * take none. A name among `switches` without a value has the value `true`; it takes another one
 * only as `--name=value`.
 */
export function readArguments<Name extends string, Flag extends string = never>(
  args: readonly string[],
  names: readonly Name[],
  {
    flags = [],
    switches = [],
    maxPositionals = 0,
  }: { flags?: readonly Flag[]; switches?: readonly Name[]; maxPositionals?: number } = {},
): Arguments<Name, Flag> {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: "string" as const }] as const),
    ...[...switches, ...flags].map((flag) => [flag, { type: "boolean" as const }] as const),
  ]);
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values: Partial<Record<Name, string>> = {};
  const given = new Set<Flag>();
  const positionals: string[] = [];
  const problems: string[] = [];
  let isAfterUnknown = false;
  for (const token of tokens) {
    // What follows an option that we do not know is most likely its value.
    if (token.kind === "positional" && !isAfterUnknown) positionals.push(token.value);
    isAfterUnknown = false;
    if (token.kind !== "option") continue;
    const flag = flags.find((known) => known === token.name);
    if (flag !== undefined) {
      given.add(flag);
      if (token.value !== undefined) problems.push(`${token.rawName} takes no value`);
      continue;
    }
    const name = [...names, ...switches].find((known) => known === token.name);
    isAfterUnknown = name === undefined;
    const value = name !== undefined && switches.includes(name) ? (token.value ?? "true") : token.value;
    if (name === undefined) problems.push(unknownOption(token.rawName, [...names, ...switches, ...flags]));
    else if (value === undefined || value === "") problems.push(`${token.rawName} needs a value`);
    else if (values[name] !== undefined) problems.push(`${token.rawName} is given twice`);
    else values[name] = value;
  }
  for (const extra of positionals.slice(maxPositionals)) {
    problems.push(`"${extra.slice(0, 40)}" is not expected here; see --help`);
  }
  return { values, flags: given, positionals, problems };
}

function unknownOption(rawName: string, known: readonly string[]): string {
  const nearest = nearestOf(rawName.replace(/^-+/, ""), known);
  return `there is no option ${rawName}${nearest === undefined ? "" : `; the nearest is --${nearest}`}; see --help`;
}
