// Refusals that this process still knows: a flood against one bucket asks the database once a second.
import type { Buckets, Taken } from "./buckets.ts";

type Refused = Extract<Taken, { outcome: "refused" }>;

interface Remembered {
  readonly refused: Refused;
  readonly atMs: number;
}

/** A place may come free earlier than was said, at another instance: so nothing is believed for longer. */
const believedMs = 1000;
/** About 200 bytes each. Whoever fills them makes the database be asked, no more. */
const maxRemembered = 10_000;

/** The same buckets, with refusals answered from memory while they are fresh. */
export function withRememberedRefusals(
  buckets: Buckets,
  nowMs: () => number = () => performance.now(),
): Buckets {
  const refusals = new Map<string, Remembered>();

  function known(key: string): Refused | undefined {
    const remembered = refusals.get(key);
    if (remembered === undefined) return undefined;
    const ageMs = nowMs() - remembered.atMs;
    const waitMs = remembered.refused.waitMs;
    if (ageMs < Math.min(believedMs, waitMs ?? believedMs))
      return {
        outcome: "refused",
        waitMs: waitMs === undefined ? undefined : waitMs - ageMs,
        isFirst: false,
      };
    refusals.delete(key);
    return undefined;
  }

  return {
    ...buckets,
    async take(key, limit) {
      const refused = known(key);
      if (refused !== undefined) return refused;
      const atMs = nowMs();
      const taken = await buckets.take(key, limit);
      if (taken.outcome === "refused") {
        if (refusals.size >= maxRemembered) refusals.clear();
        refusals.set(key, { refused: taken, atMs });
      }
      return taken;
    },
    async giveBack(place, guess) {
      await buckets.giveBack(place, guess);
      refusals.delete(place.key);
    },
    async forget(key) {
      refusals.delete(key);
      return buckets.forget(key);
    },
  };
}
