// What `--help` says of the options of the server.
import { fileFlagOf, fileVariableOf, flagsOf, variableOf } from "../settings/names.ts";
import { defaultOf, groups, type Option, type OptionTable, pickOptions } from "../settings/options.ts";

const width = 100;

/**
 * Each option with its flags, its variables, what it is for, its range and its default; groups have
 * a line of their own.
 */
export function optionHelp(table: OptionTable): string {
  return Object.entries(groups)
    .flatMap(([group, title]) => {
      const options = pickOptions(table, (_name, option) => option.group === group && option.only !== "code");
      const entries = Object.entries(options).map(([name, option]) => describe(name, option));
      return entries.length === 0 ? [] : [`${title}\n${entries.join("\n")}`];
    })
    .join("\n\n");
}

function describe(name: string, option: Option): string {
  const { kind, summary } = option;
  const flags = flagsOf(name, option).map((flag) => `--${flag}`);
  const variables = [variableOf(name)];
  const fileFlag = fileFlagOf(name, option);
  if (fileFlag !== undefined) variables.push(fileVariableOf(name));
  const spoken = flags.length === 0 ? [] : [`${flags.join(", ")} ${kind.placeholder}`.trimEnd()];
  if (fileFlag !== undefined) spoken.push(`--${fileFlag} PATH`);
  const range = kind.range === "" ? "" : ` ${sentence(kind.range)}`;
  const usual = defaultOf(option, "serve");
  const sentences = `${summary}${range}${usual === "" ? "" : ` Default: ${usual}.`}`.replaceAll("`", "");
  return [
    `  ${spoken.join(", ")}`,
    ...wrapped(sentences, width - 6).map((line) => `      ${line}`),
    `      ${variables.join(", ")}`,
  ].join("\n");
}

/** With a capital letter and a full stop; names that stand in backticks stay as they are. */
export function sentence(text: string): string {
  return `${text.replace(/^[a-z]/, (letter) => letter.toUpperCase())}.`;
}

/** Lines of at most so many characters, where the words allow it. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
