/** Spans of time as jsonwebtoken takes them: whole seconds, or a text like "2h" or "10 days". */

const msPerUnit: readonly (readonly [names: RegExp, ms: number])[] = [
  [/^(?:milliseconds?|msecs?|ms|)$/i, 1],
  [/^(?:seconds?|secs?|s)$/i, 1000],
  [/^(?:minutes?|mins?|m)$/i, 60_000],
  [/^(?:hours?|hrs?|h)$/i, 3_600_000],
  [/^(?:days?|d)$/i, 86_400_000],
  [/^(?:weeks?|w)$/i, 604_800_000],
  [/^(?:years?|yrs?|y)$/i, 31_557_600_000],
];

/**
 * The second at which a span that begins at `start` ends, or undefined if the span makes no sense.
 *
 * A number is seconds. A text is a number and a unit; without a unit it is milliseconds, so "120" is a tenth of a
 * second where 120 is two minutes. A year has 365.25 days.
 */
export function endOfSpan(span: unknown, start: number): number | undefined {
  if (typeof span === "number") return Number.isFinite(span) ? start + span : undefined;
  if (typeof span !== "string" || span.length > 100) return undefined;
  const match = /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(span);
  if (match === null) return undefined;
  const [, amount, unit] = match as unknown as [string, string, string];
  const ms = msPerUnit.find(([names]) => names.test(unit))?.[1];
  return ms === undefined ? undefined : Math.floor(start + (Number(amount) * ms) / 1000);
}
