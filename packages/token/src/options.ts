/** Checking options once, when a signer or verifier is made: a wrong one is a TypeError, never a check that is off. */

/**
 * Refuses a name that is not known, as a misspelt option would otherwise be ignored, and says which one may be meant.
 * `prefix` is what stands before the names of a group, for example `jwkSet.`.
 *
 * @throws TypeError
 */
export function assertKnownOptions(options: object, names: readonly string[], prefix = ""): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, names);
  const hint = nearest === undefined ? "" : `; is ${prefix}${nearest} meant?`;
  throw new TypeError(`unknown option ${prefix}${unknown}${hint}`);
}

/** Whether a name is near enough to be meant: so many changes of a character, and the length of the longer of both. */
type IsNear = (changes: number, length: number) => boolean;

const isUnderHalf: IsNear = (changes, length) => changes < length / 2;

/**
 * The name that takes the fewest changes of a character to come to; none if even that one is too far, which by default
 * is half of the longer name. Capitals do not count.
 */
export function nearestName(
  name: string,
  names: Iterable<string>,
  isNear: IsNear = isUnderHalf,
): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const changes = changesBetween(name.toLowerCase(), candidate.toLowerCase());
    const length = Math.max(name.length, candidate.length);
    if (changes < fewest && isNear(changes, length)) [nearest, fewest] = [candidate, changes];
  }
  return nearest;
}

/** The edit distance (Levenshtein 1965), row by row. */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let index = 1; index <= one.length; index += 1) {
    const next = [index];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = row[column - 1]! + (one[index - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}

export function requiredText(name: string, value: unknown): string {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${name} must be a string that is not empty`);
  return value;
}

/** A text that must be said, or null for "deliberately none". */
export function textOrNull(name: string, value: unknown): string | null {
  if (value === undefined) throw new TypeError(`${name} must be given: a string, or null for none`);
  return value === null ? null : requiredText(name, value);
}

/** A list of texts, copied. */
export function textList(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string" && item !== "")) {
    throw new TypeError(`${name} must be strings that are not empty`);
  }
  return [...value];
}

/** One text, or a list of at least one. */
export function requiredTexts(name: string, value: unknown): string | readonly string[] {
  if (Array.isArray(value) && value.length === 0) throw new TypeError(`${name} must not be an empty array`);
  return Array.isArray(value) ? textList(name, value) : requiredText(name, value);
}

export function boundedNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw new TypeError(`${name} must be a number from ${least} to ${most}`);
  }
  return value;
}

export function boundedInteger(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new TypeError(`${name} must be an integer`);
  return boundedNumber(name, value, least, most);
}

/** @throws TypeError for anything but a function or nothing. */
export function assertFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw new TypeError(`${name} must be a function`);
}

/** The system's clock in whole seconds, for times that are written. */
export function systemSeconds(): number {
  return Math.floor(systemTime());
}

/**
 * The system's clock in seconds and their parts, for times that are compared: to a clock that is rounded down, a token
 * that another issuer dated by the millisecond would not be valid yet.
 */
export function systemTime(): number {
  return Date.now() / 1000;
}
