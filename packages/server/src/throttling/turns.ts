// Turns of attempts that would take each other's places: right passwords that come at once wait, rather
// than be refused.
import { ServiceError } from "../errors.ts";

export interface Turns {
  /**
   * Runs `work` when fewer than `atOnce` of this name are under way here, first come first served.
   *
   * @throws ServiceError `busy` for whoever has waited too long, or hung up
   */
  run<T>(name: string, atOnce: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

interface Line {
  running: number;
  /** Those who wait, by what gives each of them its turn. */
  readonly waiting: Set<() => void>;
}

/** Longer than anybody waits for a hash: who waits here takes no place there. */
const defaultPatienceMs = 5000;

export function createTurns(patienceMs: number = defaultPatienceMs): Turns {
  const lines = new Map<string, Line>();

  function wait({ waiting }: Line, signal: AbortSignal | undefined): Promise<void> {
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
    const timer = setTimeout(giveUp, patienceMs);
    signal?.addEventListener("abort", giveUp);
    waiting.add(begin);
    return promise;
  }

  return {
    async run(name, atOnce, work, signal) {
      if (signal?.aborted === true) throw new ServiceError("busy");
      const line = lines.get(name) ?? { running: 0, waiting: new Set() };
      lines.set(name, line);
      // Whoever ends hands its turn over, so `running` does not change for those who waited.
      if (line.running < atOnce) line.running += 1;
      else await wait(line, signal);
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
