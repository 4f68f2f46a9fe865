// The option types of the server, written out so that an editor shows each with its sentence, range
// and default.
import { sentence, wrapped } from "../../packages/server/src/cli/option-help.ts";
import type { Kind } from "../../packages/server/src/settings/kinds.ts";
import {
  defaultOf,
  type Option,
  type OptionTable,
  optionTable,
  pickOptions,
} from "../../packages/server/src/settings/options.ts";

export function optionTypes(): string {
  const inCode = pickOptions(optionTable, (_name, { only }) => only !== "serve");
  const ofServe = pickOptions(optionTable, (_name, { only }) => only === "serve");
  return `// The types of the options. Generated from options.ts: npm run generate.
${imports(optionTable)}
export interface CountersignOptions {
${members(inCode, (name, option) => `${docstring(option)}\n${optionMember(name, option)}`)}
}

/** What the server reads: every option with its default. */
export interface OptionValues {
${members(inCode, valueMember)}
}

/** What \`countersign serve\` reads beside. */
export interface ServeValues {
${members(ofServe, valueMember)}
}
`;
}

function members(table: OptionTable, write: (name: string, option: Option) => string): string {
  return Object.entries(table)
    .map(([name, option]) => write(name, option))
    .join("\n");
}

function optionMember(name: string, { kind, required, isOfFastify }: Option): string {
  return required === true
    ? `  readonly ${name}: ${kind.type};`
    : `  readonly ${name}?: ${kind.type}${isOfFastify === true ? "" : " | undefined"};`;
}

function valueMember(name: string, option: Option): string {
  const { kind, required, default: usual, defaultFrom } = option;
  const isSet = required === true || usual !== undefined || defaultFrom !== undefined;
  return `  readonly ${name}: ${kind.settledType ?? kind.type}${isSet ? "" : " | undefined"};`;
}

function docstring(option: Option): string {
  const { kind, summary, required } = option;
  const range = kind.range === "" ? "" : ` ${sentence(kind.range)}`;
  const usual = defaultOf(option, "code");
  const text = `${summary}${range}${required === true || usual === "" ? "" : ` Default: ${usual}.`}`;
  const lines = wrapped(text, 90);
  if (lines.length === 1) return `  /** ${text} */`;
  return ["  /**", ...lines.map((line) => `   * ${line}`), "   */"].join("\n");
}

/** Of the types that are declared beside the table. */
function imports(table: OptionTable): string {
  const declared = Object.values(table).flatMap(({ kind: { type, typeFrom } }: { kind: Kind }) =>
    typeFrom === undefined ? [] : [`import type { ${type} } from "./${typeFrom}";\n`],
  );
  return [...new Set(declared)].join("");
}
