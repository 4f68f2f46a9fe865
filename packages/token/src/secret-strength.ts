/** Whether a secret is one that a person made up: such secrets are found offline, at billions of guesses a second. */
import { isUtf8 } from "node:buffer";
import { secretWords } from "./secret-words.ts";

/** A secret with fewer bits is weak, whatever it is made of. */
const leastBits = 64;

/** A secret with more bits is strong, even if it is made of words alone. */
const enoughBits = 144;

/**
 * Of all the bits that its characters could hold, a text that was typed has fewer than this share, and one that was
 * drawn at random has more: its accidental words and sequences cost it a fifth at most.
 */
const typedShare = 0.6;

/** Whoever writes two of these writes what the secret is for, or that it is to be replaced, as examples do. */
const ownWords =
  /secret|secure|token|jwt|key|sign|password|clave|change|cambiar|replace|string|config|production/g;

/** What stands behind this does not make a secret weaker. */
const judgedCharacters = 512;

/** Rows and columns of keyboards, letters and digits in order: what fingers and children follow. */
const rows: readonly string[] = ((): readonly string[] => {
  const forward = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiop",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()_+",
    "0123456789abcdef",
  ];
  return [...forward, ...forward.map((row) => Array.from(row).toReversed().join(""))];
})();

/** What people write instead of letters, each for the letter it looks like. */
const lookAlikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/**
 * Whether a secret is so weak that it can be guessed: an estimate by repeats, words, and sequences of letters, digits
 * and keys. A secret that was drawn at random is not, in whatever alphabet of sixteen characters or more.
 *
 * Bytes that are no text were not typed, so they pass. How long a secret must be is for each algorithm to say.
 */
export function isGuessableSecret(secret: string | Uint8Array): boolean {
  const text = typeof secret === "string" ? secret : textOf(secret);
  if (text === undefined) return false;
  return [text, ...decodedFrom(text)].some((form) => {
    const { bits, share } = estimateBits(form);
    return bits < leastBits || (share < typedShare && (bits < enoughBits || saysWhatItIs(form)));
  });
}

function saysWhatItIs(text: string): boolean {
  return new Set(text.toLowerCase().match(ownWords)).size >= 2;
}

/** Text as people type it: UTF-8 without control characters but white space. */
function textOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes).toString("utf8");
  // oxlint-disable-next-line no-control-regex -- they tell bytes from text
  return /[\0-\x08\x0e-\x1f\x7f]/.test(text) ? undefined : text;
}

/** A text that was typed and then written as hexadecimal digits or base64 is as weak as before. */
function decodedFrom(text: string): string[] {
  const forms: string[] = [];
  const trimmed = text.trim();
  const encodings = [
    ["hex", /^(?:[0-9a-f]{2})+$/i],
    ["base64", /^[\w+/-]+={0,2}$/],
  ] as const;
  for (const [encoding, pattern] of encodings) {
    if (!pattern.test(trimmed)) continue;
    const bytes = Buffer.from(trimmed, encoding);
    const decoded = bytes.every((byte) => byte < 0x80) ? textOf(bytes) : undefined;
    if (decoded !== undefined) forms.push(decoded);
  }
  return forms;
}

/**
 * How many bits it takes to describe a text as its cheapest row of characters, words, sequences, and repeats of what
 * stands before: about the logarithm of the guesses that find it. `share` is how much that is of what as many random
 * characters have.
 */
export function estimateBits(whole: string): { bits: number; share: number } {
  const text = Array.from(whole.slice(0, judgedCharacters), (character) =>
    character.length === 1 ? character : "\ufffd",
  ).join("");
  const lower = text.toLowerCase();
  const plain = Array.from(lower, (character) => lookAlikes[character] ?? character).join("");
  const perCharacter = Math.log2(alphabetSize(text));
  const bits: number[] = [0];
  // The same, if the last character is a letter of something like a word.
  let inWord = Number.POSITIVE_INFINITY;
  for (let end = 1; end <= text.length; end += 1) {
    const character = text[end - 1]!;
    const isSeparator = /[-_ .,:/]/.test(character);
    let least = bits[end - 1]! + (isSeparator ? Math.min(2, perCharacter) : perCharacter);
    for (let start = Math.max(0, end - 24); start <= end - 2; start += 1) {
      const part = costOfPart(text, lower, plain, start, end);
      if (part !== undefined) least = Math.min(least, bits[start]! + part);
    }
    inWord = letterBits(lower, bits, end, inWord) + (/[A-Z]/.test(character) ? 1 : 0);
    least = Math.min(least, inWord, repeatedBits(lower, bits, end));
    bits.push(least);
  }
  const total = bits[text.length]!;
  return { bits: total, share: total / (text.length * perCharacter) };
}

/** How surprising each letter is after the one before, by the words of the list; 26 by 26, in bits. */
const surprise: Float64Array = ((): Float64Array => {
  const counts = new Float64Array(26 * 26).fill(0.5);
  for (const word of secretWords) {
    for (let index = 1; index < word.length; index += 1) counts[pairAt(word, index)]! += 1;
  }
  return counts.map((count, pair) => {
    const row = pair - (pair % 26);
    const all = counts.subarray(row, row + 26).reduce((sum, each) => sum + each, 0);
    return -Math.log2(count / all);
  });
})();

function pairAt(text: string, index: number): number {
  return (text.charCodeAt(index - 1) - 97) * 26 + text.charCodeAt(index) - 97;
}

/** The bits up to `end` if its last letters are as those of a word: names, and words of other languages. */
function letterBits(lower: string, bits: readonly number[], end: number, before: number): number {
  if (!/^[a-z]{2}$/.test(lower.slice(Math.max(0, end - 2), end))) return Number.POSITIVE_INFINITY;
  // To begin one costs its first letter and the choice to begin.
  const begun = bits[end - 2]! + Math.log2(26) + 3;
  return Math.min(before, begun) + surprise[pairAt(lower, end - 1)]!;
}

/** How many characters the author of a text had to choose from, by the classes of those that occur. */
function alphabetSize(text: string): number {
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(text)) return /[a-f]/i.test(text) ? 16 : 10;
  let size = 0;
  if (/[a-z]/.test(text)) size += 26;
  if (/[A-Z]/.test(text)) size += 26;
  if (/[0-9]/.test(text)) size += 10;
  if (/[-_ .,:/]/.test(text)) size += 2;
  // oxlint-disable-next-line no-control-regex -- from ASCII on
  if (/[^\x00-\x7f]/.test(text)) size += 64;
  if (/[!-+;-@[-^`{-~]/.test(text)) size += 20;
  return size;
}

/** The bits of a part that is a word or a sequence; undefined if it is neither. */
function costOfPart(
  text: string,
  lower: string,
  plain: string,
  start: number,
  end: number,
): number | undefined {
  const run = lower.slice(start, end);
  const bits = secretWords.has(run)
    ? wordBits(run.length)
    : run.length < 4
      ? undefined
      : secretWords.has(plain.slice(start, end))
        ? wordBits(run.length) + 2
        : rows.some((row) => row.includes(run))
          ? 7
          : undefined;
  return bits === undefined ? undefined : bits + spellingBits(text.slice(start, end));
}

/** Short words come in every random text, so they must not make it cheap; of long ones there are more to choose from. */
function wordBits(length: number): number {
  return length <= 2 ? 6 : 7.5;
}

/** One capital at the start or all capitals are what everybody does; any other mixture is a choice for each letter. */
function spellingBits(part: string): number {
  const capitals = part.replaceAll(/[^A-Z]/g, "").length;
  if (capitals === 0) return 0;
  const usual = /^[A-Z][^A-Z]*$/.test(part) || !/[a-z]/.test(part);
  return usual ? 1 : part.length;
}

/** The bits of the text up to `end` if its last characters, as many as may be, stand somewhere before. */
function repeatedBits(lower: string, bits: readonly number[], end: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let length = 4; length <= end - 1; length += 1) {
    const start = end - length;
    // It may overlap with what it repeats, as in "aaaaaa".
    if (lower.lastIndexOf(lower.slice(start, end), start - 1) === -1) break;
    least = Math.min(least, bits[start]! + Math.log2(end) + Math.log2(length));
  }
  return least;
}
