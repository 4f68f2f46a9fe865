// Names that nobody knows: a typing error that went unnoticed would leave a default in force.

/**
 * Of the names that exist, the one that takes the fewest letters to be changed, put in or left out.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const distances = [...known].map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  return distances.toSorted((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** A sentence for each name that does not exist. */
export function unknownNames(what: string, given: Iterable<string>, known: ReadonlySet<string>): string[] {
  return [...given]
    .filter((name) => !known.has(name))
    .map((name) => `there is no ${what} ${name}; the nearest is ${nearestName(name, known)}`);
}

/** V. I. Levenshtein's, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 0; line < from.length; line++) {
    const above = row;
    row = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[line] === to[column - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
  }
  return row[to.length] ?? 0;
}
