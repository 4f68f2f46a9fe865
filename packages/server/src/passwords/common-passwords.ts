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

type Words = Pick<ReadonlySet<string>, "has">;

/**
 * `contextTexts` are what an attacker would try for this account: its address, its owner's name, what
 * the service is called. Their words count as common. So does each of `blocked`, which holds what
 * `comparedForms` makes of what the app refuses.
 */
export function isCommonPassword(
  password: string,
  contextTexts: readonly string[],
  blocked: Words = nothing,
): boolean {
  const listed: Words = { has: (text) => passwordList().common.has(text) || blocked.has(text) };
  const [text, letters] = comparedForms(password);
  if (listed.has(text) || blocked.has(letters)) return true;
  const contextWords = wordsOf(contextTexts);
  if (letters.length > maxJudgedLength) return isRepetition(letters);
  const row = letters.length < minRowLength ? text : letters;
  return (
    isRepetition(row) ||
    isKeyboardRow(row) ||
    isMadeOfCommonParts([letters], contextWords, listed) ||
    isFilledUp(text, contextWords, listed)
  );
}

/** In lower case, and without what stands between words: spaces, dots and dashes make no password rarer. */
export function comparedForms(password: string): readonly [text: string, letters: string] {
  const text = password.toLowerCase();
  return [text, text.replaceAll(/[\s._-]+/g, "")];
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
function isFilledUp(text: string, contextWords: Words, listed: Words): boolean {
  const fillings = text.match(/[^\p{L}\p{M}]+/gu) ?? [];
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  // Names alone are few, so no digits make them rare.
  if (words.join("").length >= minPartLength && isMadeOfCommonParts(words, contextWords, nothing))
    return true;
  // Without any word it is a number: a date of eight digits, say.
  return (
    fillings.every((filling) => isFilling(filling, listed)) &&
    isMadeOfCommonParts(words, contextWords, listed)
  );
}

const nothing: Words = new Set();

function isFilling(text: string, listed: Words): boolean {
  if (text.length <= maxFillingLength) return true;
  const digits = text.replaceAll(/\D/g, "");
  const signs = text.replaceAll(/\d/g, "");
  const isFewSigns = signs.length <= maxFillingLength || new Set(signs).size === 1;
  return isRepetition(text) || isKeyboardRow(text) || (isFewSigns && isCommonNumber(digits, listed));
}

function isCommonNumber(digits: string, listed: Words): boolean {
  if (digits.length <= maxFillingLength || listed.has(digits)) return true;
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
function isMadeOfCommonParts(words: readonly string[], contextWords: Words, commonWords: Words): boolean {
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
