/** A name that a client chose, for a sentence to that client: quoted, and cut where it is long. */
export function quotedName(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
