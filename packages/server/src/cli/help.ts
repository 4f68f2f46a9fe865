// What `--help` says, from the table of the commands.
import { type Command, type Flag, isGroup, type Operand, type Verb } from "./command.ts";
import { optionHelp, sentence, wrapped } from "./option-help.ts";

const width = 100;
const column = 26;

export function helpOfCommand(name: string, command: Command): string {
  const usage = isGroup(command)
    ? `countersign ${name} VERB [options]`
    : `countersign ${name}${operandsOf(command)} [options]`;
  const verbs = isGroup(command) ? Object.entries(command.verbs) : [];
  const parts = [
    `Usage: ${usage}`,
    paragraphs([sentence(command.summary), ...(command.text ?? [])]),
    ...verbs.map(([verbName, verb]) => helpOfVerb(verbName, verb)),
    isGroup(command) ? "" : itemLines("", command),
    `Examples\n${command.examples.map((line) => `  ${line}`).join("\n")}`,
    isGroup(command) || command.readsItself !== true
      ? "With every verb\n  --json                    Print JSON."
      : "",
    command.options === undefined ? "" : optionHelp(command.options),
    command.optionsText ?? "",
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function helpOfVerb(name: string, verb: Verb): string {
  const head = entry(
    `${name}${operandsOf(verb)}`,
    [sentence(verb.summary), ...(verb.text ?? [])].join(" "),
    "",
  );
  return [head, itemLines("  ", verb)].filter((part) => part !== "").join("\n");
}

function itemLines(indent: string, verb: Verb): string {
  const flags = Object.entries(verb.flags ?? {}).map(([name, flag]) =>
    entry(spokenFlag(name, flag), textOfFlag(flag), indent),
  );
  const operands = (verb.operands ?? []).map(({ name, summary }) => entry(name, sentence(summary), indent));
  return [...operands, ...flags].join("\n");
}

/** The flag with what stands for its value: `--email ADDRESS`. */
export function spokenFlag(name: string, { value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

export function textOfFlag({ summary, choices }: Flag): string {
  return `${sentence(summary)}${choices === undefined ? "" : ` One of ${choices.join(", ")}.`}`;
}

/** With a space before each: ` KID [FILE]`. */
export function operandsOf({ operands = [] }: { readonly operands?: readonly Operand[] }): string {
  return operands.map(({ name, isOptional }) => (isOptional === true ? ` [${name}]` : ` ${name}`)).join("");
}

function entry(term: string, text: string, indent: string): string {
  const left = `  ${indent}${term}`;
  const [first = "", ...rest] = wrapped(text, width - column - 2);
  const pad = " ".repeat(column + 2);
  const lines = left.length < column + 1 ? [`${left.padEnd(column + 2)}${first}`] : [left, `${pad}${first}`];
  return [...lines, ...rest.map((line) => `${pad}${line}`)].join("\n");
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => wrapped(text, width).join("\n")).join("\n");
}

/** The list of commands that `countersign --help` shows. */
export function helpOfAll(commands: Readonly<Record<string, Command>>): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`);
  return `Countersign: self-hosted, stateless authentication.

Usage: countersign COMMAND [options]

Commands
${lines.join("\n")}

  countersign COMMAND --help   what a command takes, with examples
  countersign --version
  --debug                      where something failed, with any command

Exit codes: 0 it is done, 1 it failed or the answer is no, 2 it was not called right.
`;
}
