// The options that stand in environment variables.
import { ConfigError } from "../errors.ts";
import type { CountersignOptions } from "./countersign-options.ts";
import { type Given, type GivenOptions, judge, optionsOf } from "./judging.ts";
import { fileVariableOf, isOurVariable, variableOf } from "./names.ts";
import { type Option, type OptionTable, optionTable, pickOptions } from "./options.ts";
import { readSecretFile } from "./secret-file.ts";
import { unknownNames } from "./unknown-options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadEnvironment {
  readonly given: GivenOptions;
  readonly problems: readonly string[];
  /** Kubernetes' variables for services that are called like ours; they say nothing to us. */
  readonly serviceLinks: readonly string[];
}

/**
 * The options in the environment, for an app of one's own: `createApp({ issuer,
 * ...optionsOfEnvironment(process.env) })`. An empty variable counts as none. `onServiceLinks` is
 * told which variables were passed over because Kubernetes wrote them for a service called
 * `countersign` or `countersign-…`.
 *
 * @throws ConfigError naming every variable that nobody knows or that cannot work
 */
export function optionsOfEnvironment(
  environment: Environment,
  onServiceLinks?: (variables: readonly string[]) => void,
): Omit<CountersignOptions, "issuer"> & { readonly issuer?: string } {
  const { given, problems, serviceLinks } = readEnvironment(optionTable, environment);
  const elsewhere = [...given].filter(([name]) => optionTable[name]?.only === "serve");
  const settable = pickOptions(optionTable, (name) => given.has(name));
  const all = [
    ...problems,
    ...elsewhere.map(
      ([, { label }]) => `${label} is for countersign serve alone: here the program decides that`,
    ),
    ...judge(settable, given).problems,
  ];
  if (all.length > 0) throw new ConfigError(all);
  if (serviceLinks.length > 0) onServiceLinks?.(serviceLinks);
  return optionsOf(given);
}

/**
 * Reads the variables of `wanted`, and judges the names of all that are ours. The values are judged
 * later, with those that come from elsewhere.
 */
export function readEnvironment(
  table: OptionTable,
  environment: Environment,
  wanted: OptionTable = table,
): ReadEnvironment {
  const settable = pickOptions(table, (_name, { only }) => only !== "code");
  const given = new Map<string, Given>();
  const problems: string[] = [];
  for (const [name, option] of Object.entries(wanted)) {
    if (option.only === "code") continue;
    const one = readVariable(name, option, environment);
    if (typeof one === "string") problems.push(one);
    else if (one !== undefined) given.set(name, one);
  }
  const ours = Object.keys(environment).filter(
    (name) => isOurVariable(name) && environment[name] !== undefined,
  );
  const serviceLinks = ours.filter((name) => isServiceLink(name, environment[name]));
  const names = Object.entries(settable).flatMap(([name, { kind }]) =>
    kind.secrecy === undefined ? [variableOf(name)] : [variableOf(name), fileVariableOf(name)],
  );
  const others = ours.filter((name) => !serviceLinks.includes(name));
  return {
    given,
    problems: [...unknownNames("variable", others, new Set(names)), ...problems],
    serviceLinks,
  };
}

/** The value, what is wrong, or undefined where the variable says nothing. */
function readVariable(name: string, { kind }: Option, environment: Environment): Given | string | undefined {
  const label = variableOf(name);
  const fileLabel = fileVariableOf(name);
  const text = isServiceLink(label, environment[label]) ? undefined : environment[label];
  const path = kind.secrecy === undefined ? undefined : environment[fileLabel];
  if (kind.secrecy === "always") {
    const empty = text === "" ? label : path === "" ? fileLabel : undefined;
    // To count it as none would make a new key where somebody meant to give one.
    if (empty !== undefined)
      return `${empty} is empty, like a template that nobody filled in: set it, or take it away`;
  }
  if (text && path) return `${label} and ${fileLabel} are both set: take one of them away`;
  if (text) return { value: kind.parse(text), label };
  return path ? readFromFile(path, fileLabel, kind) : undefined;
}

/** The value in the file, or what is wrong with it. */
export function readFromFile(path: string, label: string, kind: Option["kind"]): Given | string {
  const file = readSecretFile(path);
  return "problem" in file ? `${label} ${file.problem}` : { value: kind.parse(file.text), label };
}

/** What Kubernetes tells every container of the services in its namespace. */
function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    /_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name) ||
    /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(value ?? ""))
  );
}
