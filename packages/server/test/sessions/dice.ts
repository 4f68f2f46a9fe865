// Chance that can be repeated: the same numbers from the same seed.

export interface Dice {
  chance(probability: number): boolean;
  /** A whole number below the limit. */
  upTo(limit: number): number;
  /** `null` may be among them, `undefined` not. */
  among<T>(values: readonly T[]): T;
}

/** Mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    chance: (probability) => next() < probability,
    upTo: (limit) => Math.floor(next() * limit),
    among(values) {
      const [value] = values.slice(Math.floor(next() * values.length));
      if (value === undefined) throw new TypeError("nothing to choose among");
      return value;
    },
  };
}
