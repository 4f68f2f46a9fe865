/** What many measurements of one thing come to: the middle, and how far they lie apart. */

export interface Spread {
  readonly median: number;
  /** A quarter of the measurements lie below. */
  readonly low: number;
  /** A quarter of the measurements lie above. */
  readonly high: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  return { median: quantile(samples, 0.5), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The value below which that share of the samples lies; between two of them, in proportion. NaN for none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(place)] ?? Number.NaN;
  const upper = sorted[Math.ceil(place)] ?? Number.NaN;
  return lower + (upper - lower) * (place - Math.floor(place));
}

/** The same spread with so many digits after the point. */
export function rounded({ median: middle, low, high }: Spread, digits: number): Spread {
  return { median: round(middle, digits), low: round(low, digits), high: round(high, digits) };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
