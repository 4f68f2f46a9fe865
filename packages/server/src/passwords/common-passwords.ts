// Recognises passwords that attackers try first: 49,000 common ones, what is built from them and
// from what the account and the service are called, and rows of keys.
import { passwordList } from "./password-list.ts";

/** Two common passwords side by side, or one many times, are still common. */
const maxDistinctParts = 2;
/**
 * Shorter entries are letters and syllables: with them everything would be made of common parts.
 */
const minPartLength = 4;
/** Longer than any entry, so that a long passphrase costs no more than a short one. */
const maxPartLength = 32;
const maxJudgedLength = 128;

/** What is left of less after spaces, dots and dashes went is too short to be judged as a repetition or a row. */
const minRowLength = 13;

/** Digits and signs between words that say as good as nothing: a year, `!`, `1234`. */
const maxFillingLength = 4;

/**
 * `contextTexts` are what an attacker would try for this account: its address, its owner's name, what
 * the service is called. Their words count as common.
 */
export function isCommonPassword(password: string, contextTexts: readonly string[]): boolean {
  const text = password.toLowerCase();
  if (passwordList().common.has(text)) return true;
  const contextWords = wordsOf(contextTexts);
  // Spaces, dots and dashes between common words do not make them rarer.
  const letters = text.replaceAll(/[\s._-]+/g, "");
  if (letters.length > maxJudgedLength) return isRepetition(letters);
  const row = letters.length < minRowLength ? text : letters;
  return (
    isRepetition(row) ||
    isKeyboardRow(row) ||
    isMadeOfCommonParts([letters], contextWords) ||
    isFilledUp(text, contextWords)
  );
}

/** Cut at any character that is not a letter; a single letter does not count as a word. */
function wordsOf(texts: readonly string[]): ReadonlySet<string> {
  const words = texts.flatMap((text) =>
    text
      .normalize("NFC")
      .toLowerCase()
      .split(/\P{L}+/u),
  );
  return new Set(words.filter((word) => word.length > 1));
}

/**
 * Are all its words common, and what stands around them no more than filling? Each word is judged
 * by itself: the letters of a random password, put together, are too often a word.
 */
function isFilledUp(text: string, contextWords: ReadonlySet<string>): boolean {
  const fillings = text.match(/[^\p{L}\p{M}]+/gu) ?? [];
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  // Names alone are few, so no digits make them rare.
  if (words.join("").length >= minPartLength && isMadeOfCommonParts(words, contextWords, nothing))
    return true;
  return words.length > 0 && fillings.every(isFilling) && isMadeOfCommonParts(words, contextWords);
}

const nothing: ReadonlySet<string> = new Set();

function isFilling(text: string): boolean {
  if (text.length <= maxFillingLength) return true;
  const digits = text.replaceAll(/\D/g, "");
  const signs = text.replaceAll(/\d/g, "");
  const isFewSigns = signs.length <= maxFillingLength || new Set(signs).size === 1;
  return isRepetition(text) || isKeyboardRow(text) || (isFewSigns && isCommonNumber(digits));
}

function isCommonNumber(digits: string): boolean {
  if (digits.length <= maxFillingLength || passwordList().common.has(digits)) return true;
  return isRepetition(digits) || isKeyboardRow(digits) || isDate(digits);
}

/** A day of the last or this century, its parts in any order. */
function isDate(digits: string): boolean {
  return /^(?:(?:0[1-9]|[12]\d|3[01]){2}(?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d(?:0[1-9]|[12]\d|3[01]){2})$/.test(
    digits,
  );
}

/** One to eight characters over and over: `aaaaaaaaaaaaaaa`, `abc123abc123abc123`. */
function isRepetition(text: string): boolean {
  return /^(.{1,8}?)\1+.{0,4}$/su.test(text) && new Set(text).size <= 8;
}

/**
 * At least four of five steps go on in the direction of the last one, over the keys or through the
 * alphabet; the others start anew somewhere. Or all steps but one go to a key beside the last one,
 * in any direction. Of 10^6 random texts of 15 letters neither is true of one.
 */
function isKeyboardRow(text: string): boolean {
  let jumps = 0;
  let breaks = 0;
  let going: readonly string[] | undefined;
  for (let at = 1; at < text.length; at += 1) {
    const directions = directionsOf(text.charAt(at - 1), text.charAt(at));
    if (directions.length === 0) jumps += 1;
    const on = going === undefined ? directions : directions.filter((one) => going?.includes(one));
    if (on.length === 0) breaks += 1;
    going = on.length === 0 ? undefined : on;
  }
  return breaks * 5 <= text.length || (jumps * 14 <= text.length && !/^\d+$/.test(text));
}

/** Along the keyboard (one of six) and through the alphabet; none where the second is not beside the first. */
function directionsOf(from: string, to: string): string[] {
  const overKeys = (passwordList().neighbours[from] ?? []).flatMap((keys, index) =>
    keys?.includes(to) === true ? [`key ${index}`] : [],
  );
  const step = to.charCodeAt(0) - from.charCodeAt(0);
  return Math.abs(step) <= 1 ? [...overKeys, `step ${step}`] : overKeys;
}

/** Can all words be cut into common parts, of at most two different kinds? What the account and the service are called is one. */
function isMadeOfCommonParts(
  words: readonly string[],
  contextWords: ReadonlySet<string>,
  commonWords: ReadonlySet<string> = passwordList().common,
): boolean {
  const seen = new Set<string>();

  function cut(index: number, from: number, kinds: readonly string[]): boolean {
    const word = words[index];
    if (word === undefined) return true;
    if (from === word.length) return cut(index + 1, 0, kinds);
    const state = `${index} ${from} ${kinds.join(" ")}`;
    if (seen.has(state)) return false;
    seen.add(state);
    const last = Math.min(word.length, from + maxPartLength);
    for (let to = from + 2; to <= last; to += 1) {
      const part = word.slice(from, to);
      const isOfContext = contextWords.has(part);
      if (!isOfContext && !(part.length >= minPartLength && commonWords.has(part))) continue;
      const kind = isOfContext ? "" : part;
      const more = kinds.includes(kind) ? kinds : [...kinds, kind];
      if (more.length <= maxDistinctParts && cut(index, to, more)) return true;
    }
    return false;
  }
  return cut(0, 0, []);
}
