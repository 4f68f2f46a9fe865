/** Strict JSON objects: one object, no member twice, bounded depth, well-formed text (RFC 8259, RFC 7515 §4). */

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Objects and arrays may be nested this deep, the outermost counted. */
export const maxJsonDepth = 32;

/**
 * The JSON object that `text` is, or undefined: for anything but an object, for a member name that occurs twice in
 * one object (RFC 7515 §4, RFC 7519 §4), for nesting deeper than `maxJsonDepth`, for a lone surrogate in a string.
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  if (!isShallow(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // Text that comes out again as it went in has no member twice and no white space; a lone surrogate is written \udXXX.
  if (JSON.stringify(value) === text && !text.includes("\\ud")) return value as JsonObject;
  return hasUniqueNames(text) && isWellFormed(value) ? (value as JsonObject) : undefined;
}

/** Whether brackets outside of strings nest no deeper than allowed. The text need not be JSON. */
function isShallow(text: string): boolean {
  let depth = 0;
  for (let index = nextStructure(text, 0); index < text.length; index = nextStructure(text, index + 1)) {
    const character = text[index];
    if (character === "{" || character === "[") {
      depth += 1;
      if (depth > maxJsonDepth) return false;
    } else if (character === "}" || character === "]") depth -= 1;
  }
  return true;
}

/** The index of the next character at or after `from` that is outside of a string. */
function nextStructure(text: string, from: number): number {
  let index = from;
  while (text[index] === '"') index = endOfString(text, index);
  return index;
}

/** The index after the string literal that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

/** Whether no object in `text`, which is valid JSON, has two members of one name. */
function hasUniqueNames(text: string): boolean {
  const scopes: (Set<string> | undefined)[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      const names = scopes.at(-1);
      if (names !== undefined && isFollowedByColon(text, end)) {
        const name = JSON.parse(text.slice(index, end)) as string;
        if (names.has(name)) return false;
        names.add(name);
      }
      index = end;
      continue;
    }
    if (character === "{") scopes.push(new Set());
    else if (character === "[") scopes.push(undefined);
    else if (character === "}" || character === "]") scopes.pop();
    index += 1;
  }
  return true;
}

function isFollowedByColon(text: string, from: number): boolean {
  let index = from;
  while (text[index] === " " || text[index] === "\t" || text[index] === "\n" || text[index] === "\r")
    index += 1;
  return text[index] === ":";
}

/** Whether every string of a JSON value, names included, is well-formed Unicode (RFC 8259 §8.2). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}
