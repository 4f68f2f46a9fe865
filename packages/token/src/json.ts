/** Strict JSON objects: one object, no member twice, bounded depth, well-formed text (RFC 8259, RFC 7515 §4). */
import { decodeUtf8 } from "./base64url.ts";

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Objects and arrays may be nested this deep, the outermost counted. */
export const maxJsonDepth = 32;

const quote = 0x22;
const backslash = 0x5c;

/**
 * The JSON object that the first `length` bytes are, or undefined: for anything but an object, for a member name that occurs twice
 * in one object, however it is spelt (RFC 7515 §4, RFC 7519 §4), for nesting deeper than `maxJsonDepth`, for bytes
 * that are not UTF-8 and escapes that are not Unicode (RFC 8259 §8).
 */
export function parseJsonObject(bytes: Buffer, length: number = bytes.length): JsonObject | undefined {
  const text = decodeUtf8(bytes, length);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // JSON.parse keeps the last member of a name: where one occurs twice, fewer strings come out than went in. Two quotes
  // for each that came out prove that none is missing; escaped quotes are more, and then the strings themselves count.
  const strings = countStrings(value);
  if (strings * 2 !== countQuotes(bytes, length) && strings !== countStringsIn(bytes, length))
    return undefined;
  // Only an escape can stand for half of a surrogate pair.
  if (text.includes("\\") && !isWellFormed(value)) return undefined;
  return value as JsonObject;
}

/** How many quotes there are among the first `length` bytes. Four at once: each byte of a word is a counter of its own. */
export function countQuotes(bytes: Buffer, length: number): number {
  const words = wordsOf(bytes);
  const whole = Math.min(words.length, length >>> 2);
  let count = 0;
  for (let start = 0; start < whole; start += 255) {
    let counters = 0;
    for (let index = start; index < Math.min(start + 255, whole); index += 1) {
      // Zero in each byte that is a quote. The sum then sets the high bit of each byte that is not zero, with no carry.
      const rest = words[index]! ^ 0x22222222;
      const isOther = ((rest & 0x7f7f7f7f) + 0x7f7f7f7f) | rest;
      counters = (counters + ((~isOther & 0x80808080) >>> 7)) | 0;
    }
    count += (counters & 0xff) + ((counters >>> 8) & 0xff) + ((counters >>> 16) & 0xff) + (counters >>> 24);
  }
  for (let index = whole * 4; index < length; index += 1) if (bytes[index] === quote) count += 1;
  return count;
}

/** Segments are all decoded in the same buffer, so its view is kept. */
let viewed: { readonly bytes: Buffer; readonly words: Uint32Array } | undefined;

/** The bytes as words; none where they are not aligned. */
function wordsOf(bytes: Buffer): Uint32Array {
  if (viewed?.bytes === bytes) return viewed.words;
  const { buffer, byteOffset, length } = bytes;
  const words = byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >>> 2) : new Uint32Array(0);
  viewed = { bytes, words };
  return words;
}

/** How many strings there are in the bytes of valid JSON. */
function countStringsIn(bytes: Uint8Array, length: number): number {
  let count = 0;
  for (let index = 0; index < length; index += 1) {
    if (bytes[index] !== quote) continue;
    count += 1;
    index = endOfString(bytes, index);
  }
  return count;
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
  return index;
}

/**
 * The JSON text of an object, such that `parseJsonObject` gives it again.
 *
 * @throws TypeError if there is none: it is or holds what JSON has no word for, nests too deep or in a circle, or
 *   holds a lone surrogate.
 */
export function writeJsonObject(value: object): string {
  if (Number.isNaN(countStrings(value))) throw new TypeError("the object is nested too deep");
  const text: string | undefined = JSON.stringify(value);
  // A lone surrogate is written as an escape, but not everything that looks like one is one.
  if (text?.[0] !== "{" || (text.includes("\\ud") && parseJsonObject(Buffer.from(text)) === undefined)) {
    throw new TypeError("the object cannot be written as JSON");
  }
  return text;
}

/** How many strings a JSON value consists of, names included; NaN if it nests deeper than `levels`. */
function countStrings(value: unknown, levels: number = maxJsonDepth): number {
  if (typeof value === "string") return 1;
  if (typeof value !== "object" || value === null) return 0;
  if (levels === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) for (const element of value) count += countStrings(element, levels - 1);
  // Not Object.values: this walks the members without a copy, and what JSON.parse gives inherits none.
  else for (const name in value) count += 1 + countStrings(value[name as never], levels - 1);
  return count;
}

/** Whether every string of a JSON value, names included, is well-formed Unicode (RFC 8259 §8.2). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}

/** Freezes a JSON value and everything in it. Its depth must be bounded. */
export function freezeJson<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) for (const element of value) freezeJson(element);
  else for (const name in value) freezeJson(value[name]);
  return Object.freeze(value);
}
