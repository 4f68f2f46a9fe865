// Times as people and JSON read them.

/** Milliseconds since the epoch as an RFC 3339 string in UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
