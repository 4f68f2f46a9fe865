// Forgets now and then what cannot matter any more: expired revocations, codes that are over, and
// sessions that ended long ago.

/** Forgets page by page until all is done or the signal is aborted. Returns how many it forgot. */
interface Prunable {
  prune(signal?: AbortSignal): Promise<number>;
}

export interface PruningOptions {
  readonly revocations: Prunable;
  readonly mail: Prunable;
  readonly sessions: Prunable;
  /** Challenges that were used and are long over. */
  readonly challenges: Prunable;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number | undefined;
  /** Sessions wait for a day in any case. */
  readonly sessionsIntervalMs?: number | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: (() => number) | undefined;
}

/**
 * Begins to prune: revocations and codes every minute by default, and sessions at first and every hour.
 * Instances may do so at the same time. Returns the way to stop, which does not wait for all that
 * is left.
 */
export function startPruning(options: PruningOptions): () => Promise<void> {
  const { revocations, mail, sessions, challenges, onError } = options;
  const { intervalMs = 60_000, sessionsIntervalMs = 3_600_000, nowMs = () => performance.now() } = options;
  const stopped = new AbortController();
  let pruning: Promise<void> | undefined;
  let sessionsDueAtMs = 0;

  async function prune(): Promise<void> {
    try {
      await revocations.prune(stopped.signal);
      await mail.prune(stopped.signal);
      if (nowMs() < sessionsDueAtMs) return;
      await sessions.prune(stopped.signal);
      await challenges.prune(stopped.signal);
      sessionsDueAtMs = nowMs() + sessionsIntervalMs;
    } catch (error) {
      onError(error);
    }
  }

  const timer = setInterval(() => {
    pruning ??= prune().finally(() => {
      pruning = undefined;
    });
  }, intervalMs).unref();
  return async () => {
    clearInterval(timer);
    stopped.abort();
    await pruning;
  };
}
