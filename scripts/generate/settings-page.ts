// The options of the server as Markdown: the page of the reference, and the table of the README.
import { fileFlagOf, fileVariableOf, flagsOf, variableOf } from "../../packages/server/src/settings/names.ts";
import {
  defaultOf,
  groups,
  type Option,
  optionTable,
  pickOptions,
} from "../../packages/server/src/settings/options.ts";

/** Those that are set in code. */
export function optionsTable(): string {
  const options = pickOptions(optionTable, (_name, { only }) => only !== "serve");
  const rows = Object.entries(options).map(([name, option]) =>
    row(`\`${name}\``, option.kind.range, usual(option, "code"), option.summary),
  );
  return [row("option", "range", "default", "what for"), "|---|---|---|---|", ...rows, ""].join("\n");
}

export function settingsPage(): string {
  const sections = Object.entries(groups).map(([group, title]) => {
    const options = pickOptions(optionTable, (_name, option) => option.group === group);
    return `## ${title}\n\n${Object.entries(options).map(section).join("\n")}`;
  });
  return `# Settings

<!-- Generated from packages/server/src/settings/options.ts: npm run generate -->

Each setting of the server: an option in code, a variable, and a flag of \`countersign serve\`. A flag wins over its
variable. Every mistake is reported at once, before anything is opened, under the name that was used for it.

- As text, in a variable or a flag, a list has commas between its items, and a map is JSON.
- An empty variable counts as none, but an empty one of a secret is refused: most likely a template that nobody filled in.
- A secret can stand in a file that \`…_FILE\` or \`--…-file\` names: a symlink as Docker and Kubernetes mount it, of
  whatever owner and mode, as long as not everybody can write it. The line end is not part of it. The variable and its
  \`…_FILE\` together are refused. No secret has a flag of its own, as other users see the command line.
- A name that nobody knows (\`COUNTERSIGN_PROT\`, \`--prot\`, \`prot\` in code) refuses the start, and the nearest one is
  named. Kubernetes' variables for services called \`countersign…\` (\`COUNTERSIGN_SERVICE_HOST\`,
  \`COUNTERSIGN_PORT=tcp://…\`, \`COUNTERSIGN_PORT_3001_TCP\` and so on) are ignored, and the log says so.
- For an app of one's own, \`createApp({ issuer, ...optionsOfEnvironment(process.env) })\` takes the variables too.

${sections.join("\n")}`;
}

function section([name, option]: readonly [string, Option]): string {
  const { kind, summary, only } = option;
  const serveDefault = usual(option, "serve");
  const codeDefault = usual(option, "code");
  const facts: (readonly [string, string])[] = [
    ["variable", only === "code" ? "" : variables(name, option)],
    ["flag", only === "code" ? "" : flags(name, option)],
    ["range", kind.range],
    ["default", only === "serve" ? serveDefault : codeDefault],
    [
      "default of `countersign serve`",
      only === undefined && serveDefault !== codeDefault ? serveDefault : "",
    ],
  ];
  const where =
    only === "serve" ? " For `countersign serve` alone." : only === "code" ? " In code alone." : "";
  const lines = facts.filter(([, text]) => text !== "").map(([what, text]) => `- ${what}: ${text}`);
  return `### \`${name}\`\n\n${summary}${where}\n\n${lines.join("\n")}\n`;
}

function usual(option: Option, program: "code" | "serve"): string {
  return option.required === true && program === "code" ? "none; it must be set" : defaultOf(option, program);
}

function variables(name: string, option: Option): string {
  const names = [variableOf(name)];
  if (option.kind.secrecy !== undefined) names.push(fileVariableOf(name));
  return names.map((variable) => `\`${variable}\``).join(", ");
}

function flags(name: string, option: Option): string {
  const names = [...flagsOf(name, option)];
  const fileFlag = fileFlagOf(name, option);
  if (fileFlag !== undefined) names.push(fileFlag);
  return names.map((flag) => `\`--${flag}\``).join(", ");
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
