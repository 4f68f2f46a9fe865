// A token's three parts, and the JSON objects in the first two. Nothing here says that a token is true.
import { decodeBytes, encodeText } from "./base64url.ts";

export interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export type PartName = keyof Parts;

/** Where a part begins and which colour it has: `h`, `p`, `s`. */
export const partNames: readonly PartName[] = ["header", "payload", "signature"];

/** `undefined` unless there are exactly three (RFC 7515 §7.1). */
export function partsOf(token: string): Parts | undefined {
  const [header, payload, signature, ...more] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return undefined;
  return { header, payload, signature };
}

export function joined({ header, payload, signature }: Parts): string {
  return `${header}.${payload}.${signature}`;
}

/** The JSON object in a segment, or `undefined`. */
export function objectIn(segment: string): JsonObject | undefined {
  const text = textIn(segment);
  return text === undefined ? undefined : parseObject(text);
}

export function textIn(segment: string): string | undefined {
  const bytes = decodeBytes(segment);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `undefined` for anything but an object, and where a name occurs twice: two readers could see two things (RFC 7519 §4). */
export function parseObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const stringsInText = text.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0;
  // JSON.parse keeps the last of two equal names, so fewer strings come out than went in.
  return countStrings(value) === stringsInText ? (value as JsonObject) : undefined;
}

function countStrings(value: unknown): number {
  if (typeof value === "string") return 1;
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, each) => sum + countStrings(each), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}

/** One member a line, as people read it best. */
export function prettyObject(object: JsonObject): string {
  const lines = Object.entries(object).map(([name, value]) => `  ${JSON.stringify(name)}: ${inline(value)}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n}`;
}

/** A value of a header or payload: a string as it is, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${inline(each)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** The segment of a JSON text, without its spaces; of a text that is no JSON object, the text as it stands. */
export function segmentOf(text: string): string {
  const object = parseObject(text);
  return encodeText(object === undefined ? text : JSON.stringify(object));
}

/** From `start` up to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a segment spells what another one did not. Six bits a character: one letter more shifts all that come after it,
 * so the bytes are compared, and not their spelling.
 */
export function changedRange(before: string, after: string): Range {
  const [old, fresh] = [decodeBytes(before), decodeBytes(after)];
  if (old === undefined || fresh === undefined) return difference(before, after);
  const { start, end } = difference(old, fresh);
  return {
    start: Math.floor((start * 8) / 6),
    end: Math.max(Math.ceil((end * 8) / 6), Math.floor((start * 8) / 6) + 1),
  };
}

/** Where the second differs from the first. */
function difference<T>(before: ArrayLike<T>, after: ArrayLike<T>): Range {
  let start = 0;
  while (start < after.length && before[start] === after[start]) start += 1;
  let end = after.length;
  let endBefore = before.length;
  while (end > start && endBefore > start && before[endBefore - 1] === after[end - 1]) {
    end -= 1;
    endBefore -= 1;
  }
  return { start, end };
}
