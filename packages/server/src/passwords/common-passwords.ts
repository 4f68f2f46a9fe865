// Recognises passwords that attackers try first: 49,000 common ones, what is built from them, and
// rows of keys.
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

const commonPasswords: ReadonlySet<string> = new Set(dictionary["passwords-common"]);
const neighbours: Readonly<Record<string, readonly (string | null)[]>> = adjacencyGraphs.qwerty;

/** Two common passwords side by side, or one many times, are still common. */
const maxDistinctParts = 2;
/**
 * Shorter entries are letters and syllables: with them everything would be made of common parts.
 */
const minPartLength = 4;
/** Longer than any entry, so that a long passphrase costs no more than a short one. */
const maxPartLength = 32;
const maxJudgedLength = 128;

/** `contextWords` count as common for this account: its email's parts, its owner's name. */
export function isCommonPassword(password: string, contextWords: readonly string[]): boolean {
  const text = password.toLowerCase();
  if (commonPasswords.has(text)) return true;
  // Spaces, dots and dashes between common words do not make them rarer.
  const letters = text.replaceAll(/[\s._-]+/g, "");
  if (letters.length > maxJudgedLength) return isRepetition(letters);
  return isRepetition(letters) || isKeyboardRow(letters) || isMadeOfCommonParts(letters, contextWords);
}

/** One to eight characters over and over: `aaaaaaaaaaaaaaa`, `abc123abc123abc123`. */
function isRepetition(text: string): boolean {
  return /^(.{1,8}?)\1+.{0,7}$/su.test(text) && new Set(text).size <= 8;
}

/**
 * Four of five steps go to a key beside the last one, or count up or down by one; the others change
 * rows.
 */
function isKeyboardRow(text: string): boolean {
  let jumps = 0;
  for (let at = 1; at < text.length; at += 1) {
    if (!isBeside(text.charAt(at - 1), text.charAt(at))) jumps += 1;
  }
  return jumps * 5 <= text.length;
}

function isBeside(from: string, to: string): boolean {
  if (Math.abs(from.charCodeAt(0) - to.charCodeAt(0)) <= 1 || (from === "9" && to === "0")) return true;
  return neighbours[from]?.some((keys) => keys?.includes(to)) === true;
}

/** Can the whole text be cut into common parts, of at most two different kinds? */
function isMadeOfCommonParts(text: string, contextWords: readonly string[]): boolean {
  const context = new Set(
    contextWords.map((word) => word.toLowerCase()).filter((word) => word.length >= minPartLength),
  );
  const isPart = (part: string): boolean => commonPasswords.has(part) || context.has(part);
  const seen = new Set<string>();

  function cut(from: number, kinds: readonly string[]): boolean {
    if (from === text.length) return true;
    const state = `${from} ${kinds.join(" ")}`;
    if (seen.has(state)) return false;
    seen.add(state);
    const last = Math.min(text.length, from + maxPartLength);
    for (let to = from + minPartLength; to <= last; to += 1) {
      const part = text.slice(from, to);
      const more = kinds.includes(part) ? kinds : [...kinds, part];
      if (more.length <= maxDistinctParts && isPart(part) && cut(to, more)) return true;
    }
    return false;
  }
  return cut(0, []);
}
