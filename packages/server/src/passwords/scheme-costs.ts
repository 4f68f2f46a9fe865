// What the hashes of the accounts cost on this machine: which may be computed, and how long a refusal has to take.

/** How a stored hash was made. */
export interface Scheme {
  readonly name: string;
  readonly memoryKibibytes: number;
  /** Blocks of memory times passes, which the time is proportional to. */
  readonly work: number;
}

/** No hash of ours, nor of an import that we would believe, is longer. */
const phcForm =
  /^\$argon2id\$v=19\$(m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2}))\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

const maxMemoryKibibytes = 128 * 1024;
const maxLanes = 16;
const maxMs = 250;
/** An installation has a few; whoever could write rows of more could do worse. */
const maxSchemes = 32;

/** Undefined: this is no hash that we would compute. */
export function schemeOf(phc: string): Scheme | undefined {
  const [, name, memory, passes, lanes] = phcForm.exec(phc) ?? [];
  if (name === undefined || Number(lanes) < 1 || Number(lanes) > maxLanes || Number(passes) < 1)
    return undefined;
  const memoryKibibytes = Number(memory);
  return { name, memoryKibibytes, work: memoryKibibytes * Number(passes) };
}

export interface SchemeCosts {
  observe(scheme: Scheme, tookMs: number): void;
  isKnown(scheme: Scheme): boolean;
  /** Whether a stored string asks for no more than this machine gives to one password. */
  isAffordable(scheme: Scheme): boolean;
  /** What a hash of this scheme that took so long lacks to the dearest of those that were met. */
  missingMs(scheme: Scheme, tookMs: number): number;
}

export function createSchemeCosts(today: Scheme): SchemeCosts {
  /** The least that each was seen to take: load makes every hash slower, and none faster. */
  const leastMs = new Map<string, number>();

  return {
    observe({ name }, tookMs) {
      const least = leastMs.get(name);
      if (least === undefined && leastMs.size >= maxSchemes) return;
      leastMs.set(name, Math.min(least ?? tookMs, tookMs));
    },
    isKnown: ({ name }) => leastMs.has(name),
    isAffordable(scheme) {
      if (scheme.name === today.name) return true;
      const msOfToday = leastMs.get(today.name) ?? 0;
      return scheme.memoryKibibytes <= maxMemoryKibibytes && (msOfToday * scheme.work) / today.work <= maxMs;
    },
    missingMs({ name }, tookMs) {
      const least = leastMs.get(name);
      if (least === undefined) return 0;
      // As a share of what it took, so that load stretches both alike.
      return tookMs * (Math.max(...leastMs.values()) / least - 1);
    },
  };
}
