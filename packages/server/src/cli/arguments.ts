// How the arguments of a command are read: every mistake found is told, not only the first.
import { parseArgs } from "node:util";
import { ConfigError } from "../errors.ts";
import { nearestOf } from "../settings/unknown-options.ts";
import { type Asked, type Command, type Flag, isGroup, type Verb } from "./command.ts";
import { optionFlags } from "./option-flags.ts";

export interface Arguments<Name extends string, Flag extends string> {
  readonly values: Partial<Record<Name, string>>;
  readonly flags: ReadonlySet<Flag>;
  readonly positionals: readonly string[];
  /** A sentence for each mistake; the command adds its own. */
  readonly problems: string[];
}

/**
 * Finds what is asked for, and what it is asked with.
 *
 * @throws ConfigError with every mistake
 */
export function readCommand(
  name: string,
  command: Command,
  args: readonly string[],
): { readonly verb: Verb; readonly asked: Asked } {
  if (!isGroup(command) && command.readsItself === true) {
    const asked = { values: {}, flags: new Set<string>(), operands: [], isJson: false, args };
    return { verb: command, asked };
  }
  const verbs: readonly Verb[] = isGroup(command) ? Object.values(command.verbs) : [command];
  const { names, switches } = optionFlags(command.options ?? {});
  const all = new Map<string, Flag>(verbs.flatMap(({ flags = {} }) => Object.entries(flags)));
  const withValue = [...all].filter(([, flag]) => flag.value !== undefined).map(([flagName]) => flagName);
  const without = [...all].filter(([, flag]) => flag.value === undefined).map(([flagName]) => flagName);
  const read = readArguments(args, [...names, ...withValue], {
    flags: ["json", ...without],
    switches,
    maxPositionals: Infinity,
  });
  const { values, flags, positionals, problems } = read;

  const operands = isGroup(command) ? positionals.slice(1) : positionals;
  const verbName = isGroup(command) ? (positionals[0] ?? "") : "";
  const verb = isGroup(command)
    ? Object.hasOwn(command.verbs, verbName)
      ? command.verbs[verbName]
      : undefined
    : command;
  if (verb === undefined) {
    const known = isGroup(command) ? Object.keys(command.verbs) : [];
    const nearest = nearestOf(verbName, known);
    const hint = nearest === undefined ? "" : `; the nearest is ${name} ${nearest}`;
    problems.push(`usage: ${known.map((one) => `${name} ${one}`).join(", ")}${hint}`);
    throw new ConfigError(problems);
  }
  const spoken = verbName === "" ? name : `${name} ${verbName}`;
  problems.push(...problemsOfOperands(spoken, verb, operands));
  for (const [flagName, { choices }] of all) {
    const value = values[flagName];
    if (value === undefined && !flags.has(flagName)) continue;
    if (!Object.hasOwn(verb.flags ?? {}, flagName)) problems.push(`${spoken} knows no --${flagName}`);
    else if (choices !== undefined && value !== undefined && !choices.includes(value))
      problems.push(`--${flagName} must be one of ${choices.join(", ")}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { verb, asked: { values, flags, operands, isJson: flags.has("json"), args } };
}

function problemsOfOperands(spoken: string, verb: Verb, operands: readonly string[]): string[] {
  const { operands: known = [] } = verb;
  const missing = known.filter(
    (operand, index) => operand.isOptional !== true && operands[index] === undefined,
  );
  const extra = operands.slice(known.length);
  const unknown = known.filter(({ choices }, index) => {
    const text = operands[index];
    return choices !== undefined && text !== undefined && !choices.includes(text);
  });
  return [
    ...missing.map((operand) => `${spoken} needs ${operand.name}, ${operand.summary}`),
    ...unknown.map((operand) => `${operand.name} must be ${operand.summary}`),
    ...extra.map((text) => `"${text.slice(0, 40)}" is not expected here; see countersign ${spoken} --help`),
  ];
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
