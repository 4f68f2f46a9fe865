// What is wrong with a value, in words: which part, and what it should be. Never what it holds.
import type { TLocalizedValidationError } from "typebox/error";
import { quotedName } from "./quoted-name.ts";

/** The errors of one value, as typebox lists them: the most particular ones first. */
type Mistakes = readonly TLocalizedValidationError[];

/**
 * One sentence about the first mistake.
 *
 * @param whole what the value is called where the mistake is in none of its members: "The body"
 */
export function sentenceOf(mistakes: Mistakes, whole: string): string {
  const unknown = mistakes.find(({ keyword }) => keyword === "additionalProperties");
  const [first] = unknown === undefined ? mistakes : [unknown];
  if (first === undefined) return `${whole} is not what this route takes.`;
  const part = first.instancePath === "" ? whole : `"${first.instancePath.slice(1).replaceAll("/", ".")}"`;
  const choices = mistakes.flatMap((mistake) =>
    mistake.keyword === "const" && mistake.instancePath === first.instancePath
      ? [JSON.stringify(mistake.params.allowedValue)]
      : [],
  );
  if (choices.length > 0) return `${part} must be ${choices.join(" or ")}.`;
  return `${part} ${demandOf(first)}.`;
}

function demandOf(mistake: Mistakes[number]): string {
  const { keyword, params } = mistake;
  if (keyword === "required")
    return `needs ${params.requiredProperties.map((name) => `"${name}"`).join(" and ")}`;
  if (keyword === "additionalProperties")
    return `has no member ${params.additionalProperties.map(quotedName).join(" or ")}: remove it`;
  if (keyword === "type") return `must be ${typeName(params.type)}`;
  if (keyword === "minLength" && params.limit === 1) return "must not be empty";
  if (keyword === "minLength") return `must have at least ${params.limit} characters`;
  if (keyword === "maxLength") return `must have at most ${params.limit} characters`;
  if (keyword === "minimum") return `must be at least ${params.limit}`;
  if (keyword === "maximum") return `must be at most ${params.limit}`;
  return "does not have the form that this route takes";
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a JSON object",
  array: "a list",
  null: "null",
};

function typeName(type: string | readonly string[]): string {
  return [type]
    .flat()
    .map((name) => typeNames[name] ?? name)
    .join(" or ");
}
