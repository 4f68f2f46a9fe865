// Which of the feed's two forms a request wants: the media ranges of `Accept`, weighed (RFC 9110 §12.5.1).

/** How exactly a range names a type, and what it says of it. */
interface Match {
  readonly exactness: number;
  readonly weight: number;
}

/** Whoever takes both alike gets the stream only for having named it: any type means the list. */
export function prefersEvents(accept: string | undefined): boolean {
  const ranges = (accept ?? "").split(",").map((range) => range.split(";").map((part) => part.trim()));
  const events = bestMatch(ranges, "text", "event-stream");
  const list = bestMatch(ranges, "application", "json");
  return events.exactness > 0 && events.weight > 0 && events.weight >= list.weight;
}

/** RFC 9110 §12.5.1: the most specific range that matches decides. */
function bestMatch(ranges: readonly (readonly string[])[], type: string, subtype: string): Match {
  const exactnesses = new Map([
    ["*/*", 0],
    [`${type}/*`, 1],
    [`${type}/${subtype}`, 2],
  ]);
  let best: Match = { exactness: -1, weight: 0 };
  for (const [range = "", ...parameters] of ranges) {
    const exactness = exactnesses.get(range.toLowerCase()) ?? -1;
    if (exactness > best.exactness) best = { exactness, weight: weightOf(parameters) };
  }
  return best;
}

/** RFC 9110 §12.4.2; a weight that cannot be read is none at all. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [, written] = /^q\s*=\s*(.*)$/i.exec(parameter) ?? [];
    if (written !== undefined) return /^[01](?:\.\d*)?$/.test(written) ? Math.min(Number(written), 1) : 0;
  }
  return 1;
}
