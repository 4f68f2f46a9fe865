// Turns of attempts that would take each other's places: right passwords that come at once wait, rather
// than be refused.

export interface Turns {
  /** Runs `work` when fewer than `atOnce` of this name are under way here, first come first served. */
  run<T>(name: string, atOnce: number, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const underWay = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  return {
    async run(name, atOnce, work) {
      const known = underWay.get(name) ?? { running: 0, waiting: [] };
      underWay.set(name, known);
      // Whoever ends hands its turn over, so `running` does not change for those who waited.
      if (known.running < atOnce) known.running += 1;
      else await new Promise<void>((resolve) => known.waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = known.waiting.shift();
        if (next !== undefined) next();
        else {
          known.running -= 1;
          if (known.running === 0) underWay.delete(name);
        }
      }
    },
  };
}
