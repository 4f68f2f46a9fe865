// Names that nobody knows: a typing error that went unnoticed would leave a default in force.
import { nearestName } from "@countersign/token";

/** Of the names that exist, the nearest, however far it is: whoever sees a list of problems sees a name that works. */
export function nearestOf(name: string, known: Iterable<string>): string | undefined {
  return nearestName(name, known, () => true);
}

/** A sentence for each name that does not exist. */
export function unknownNames(what: string, given: Iterable<string>, known: ReadonlySet<string>): string[] {
  return [...given]
    .filter((name) => !known.has(name))
    .map((name) => `there is no ${what} ${name}; the nearest is ${nearestOf(name, known)}`);
}
