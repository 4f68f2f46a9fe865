// What the hashes of the accounts cost on this machine: which may be computed, and how long a refusal has to take.
import type { Scheme, SchemeFamily } from "./stored-hash.ts";

const maxMemoryKibibytes = 128 * 1024;
const maxMs = 250;
/** Load may stretch what takes 250 ms so far, and no further (its time, on a Node without processor times of threads). */
const hopelessMs = 16 * maxMs;
/** An installation has a few; whoever could write rows of more could do worse. */
const maxSchemes = 32;

export interface SchemeCosts {
  /** A hash of an account took so long. */
  observe(scheme: Scheme, tookMs: number): void;
  /** A hash that no account has took so much of a core: by these each family is measured. */
  probed(scheme: Scheme, processorMs: number): void;
  /** The accounts have hashes of these, judged when they were taken in. */
  expect(schemes: readonly Scheme[]): void;
  /** Families that must be measured before a hash of `scheme`, or a refusal, can be judged. */
  unmeasured(scheme: Scheme | undefined): readonly SchemeFamily[];
  /** Whether a stored string asks for no more than this machine gives to one password. */
  isAffordable(scheme: Scheme): boolean;
  /** Whether no other measurement would change that. */
  isHopeless(scheme: Scheme): boolean;
  /** What a hash of this scheme that took so long lacks to the dearest of those that the accounts have. */
  missingMs(scheme: Scheme, tookMs: number): number;
}

export function createSchemeCosts(today: Scheme): SchemeCosts {
  /** The least that each was seen to take: load makes every hash slower, and none faster. */
  const leastMs = new Map<string, number>();
  /** The least that one unit of work took in a probe. */
  const leastPerWork = new Map<SchemeFamily, number>();
  const expected = new Map<string, Scheme>();

  function estimatedMs({ family, work }: Scheme): number | undefined {
    const perWork = leastPerWork.get(family);
    return perWork === undefined ? undefined : perWork * work;
  }

  /** Of one that was computed, what it took. */
  function costMs(scheme: Scheme): number | undefined {
    return leastMs.get(scheme.name) ?? estimatedMs(scheme);
  }

  /** How much longer a hash took at least than its share of a core: other programs are busy, too. */
  function stretchOf(scheme: Scheme): number {
    const [tookMs, workedMs] = [leastMs.get(scheme.name), estimatedMs(scheme)];
    return tookMs === undefined || workedMs === undefined ? 1 : Math.max(1, tookMs / workedMs);
  }

  return {
    observe({ name }, tookMs) {
      const least = leastMs.get(name);
      if (least === undefined && leastMs.size >= maxSchemes) return;
      leastMs.set(name, Math.min(least ?? tookMs, tookMs));
    },
    probed({ family, work }, processorMs) {
      leastPerWork.set(family, Math.min(leastPerWork.get(family) ?? Infinity, processorMs / work));
    },
    expect(schemes) {
      for (const scheme of schemes) if (expected.size < maxSchemes) expected.set(scheme.name, scheme);
    },
    unmeasured(scheme) {
      const needed = [...expected.values()];
      if (scheme !== undefined) needed.push(scheme);
      const families = needed.filter(({ name }) => name !== today.name).map(({ family }) => family);
      // What others take is compared with what today's takes.
      if (families.length > 0) families.push(today.family);
      return [...new Set(families)].filter((family) => !leastPerWork.has(family));
    },
    isAffordable(scheme) {
      if (scheme.name === today.name) return true;
      // What was measured once under load must not close an account for good, so the estimate decides.
      const estimate = estimatedMs(scheme) ?? Infinity;
      return scheme.memoryKibibytes <= maxMemoryKibibytes && estimate <= maxMs;
    },
    isHopeless(scheme) {
      return scheme.memoryKibibytes > maxMemoryKibibytes || (estimatedMs(scheme) ?? 0) > hopelessMs;
    },
    missingMs(scheme, tookMs) {
      const least = costMs(scheme);
      if (least === undefined || least === 0) return 0;
      const stretch = stretchOf(scheme);
      const dearest = [...expected.values()]
        .filter((one) => one.memoryKibibytes <= maxMemoryKibibytes)
        .map((one) => leastMs.get(one.name) ?? Math.min(estimatedMs(one) ?? 0, maxMs) * stretch);
      // As a share of what it took, so that load stretches both alike.
      return Math.max(0, tookMs * (Math.max(...leastMs.values(), ...dearest) / least - 1));
    },
  };
}
