// Turns of attempts that would take each other's places: right passwords that come at once wait, rather
// than be refused.
import { ServiceError } from "../errors.ts";

export interface Turns {
  /**
   * Runs `work` when fewer than `atOnce` of this name are under way here, first come first served.
   *
   * @throws ServiceError `busy` for whoever has waited too long, or hung up
   */
  run<T>(name: string, atOnce: number, work: () => Promise<T>, patience: Patience): Promise<T>;
}

/** How long somebody waits. */
export interface Patience {
  /** On the clock of `performance.now()`. */
  readonly untilMs: number;
  /** Aborted when they hang up. */
  readonly signal?: AbortSignal | undefined;
}

interface Line {
  running: number;
  /** Those who wait, by what gives each of them its turn. */
  readonly waiting: Set<() => void>;
}

export function createTurns(): Turns {
  const lines = new Map<string, Line>();

  function wait({ waiting }: Line, { untilMs, signal }: Patience): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      waiting.delete(begin);
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    };
    const begin = (): void => {
      leave();
      resolve();
    };
    const giveUp = (): void => {
      leave();
      reject(new ServiceError("busy"));
    };
    const timer = setTimeout(giveUp, Math.max(0, untilMs - performance.now()));
    signal?.addEventListener("abort", giveUp);
    waiting.add(begin);
    return promise;
  }

  return {
    async run(name, atOnce, work, patience) {
      if (patience.signal?.aborted === true) throw new ServiceError("busy");
      const line = lines.get(name) ?? { running: 0, waiting: new Set() };
      lines.set(name, line);
      // Whoever ends hands its turn over, so `running` does not change for those who waited.
      if (line.running < atOnce) line.running += 1;
      else await wait(line, patience);
      try {
        return await work();
      } finally {
        const [next] = line.waiting;
        if (next !== undefined) next();
        else {
          line.running -= 1;
          if (line.running === 0) lines.delete(name);
        }
      }
    },
  };
}
