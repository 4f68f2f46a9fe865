// The types that a JSON Schema names. A misspelt one would be taken for no demand at all, and let everything through.
import { isPlainObject } from "./plain-json.ts";

const typeNames: ReadonlySet<unknown> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "null",
]);

/** JSON Schema 2020-12 §10 and §11: below these stand a schema, a list of them, or schemas by name. */
const below = {
  one: [
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "not",
    "if",
    "then",
    "else",
  ],
  list: ["allOf", "anyOf", "oneOf", "prefixItems", "items"],
  named: ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"],
} as const;

/** Deeper than any schema of what has five levels. */
const maxDepth = 64;

/** Where the first type stands that JSON Schema does not know, as a path into the schema; undefined: there is none. */
export function unknownTypeIn(schema: unknown, path = "", depth = 0): string | undefined {
  if (!isPlainObject(schema)) return undefined;
  if (depth > maxDepth) return path;
  const { type } = schema;
  if (type !== undefined && ![type].flat().every((name) => typeNames.has(name))) return `${path}/type`;
  for (const [child, at] of childrenOf(schema)) {
    const found = unknownTypeIn(child, `${path}/${at}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* childrenOf(schema: Readonly<Record<string, unknown>>): Generator<readonly [unknown, string]> {
  for (const keyword of below.one) yield [schema[keyword], keyword];
  for (const keyword of below.list) {
    const list = schema[keyword];
    if (Array.isArray(list))
      for (const [index, child] of list.entries()) yield [child, `${keyword}/${index}`];
  }
  for (const keyword of below.named) {
    const named = schema[keyword];
    if (isPlainObject(named))
      for (const [name, child] of Object.entries(named)) yield [child, `${keyword}/${name}`];
  }
}
