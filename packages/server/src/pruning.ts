// Forgets now and then what can not matter any more: expired revocations, and sessions that ended long ago.
import type { Store } from "./store.ts";

export interface PruningOptions {
  readonly store: Pick<Store, "revocations" | "sessions">;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number | undefined;
  /** Sessions wait for a day in any case. */
  readonly sessionsIntervalMs?: number | undefined;
}

/**
 * Begins to prune: revocations every minute by default, and sessions at first and every hour. Instances may do so at the
 * same time. Returns the way to stop, which does not wait for all that is left.
 */
export function startPruning(options: PruningOptions): () => Promise<void> {
  const { store, onError, intervalMs = 60_000, sessionsIntervalMs = 3_600_000 } = options;
  const stopped = new AbortController();
  let pruning: Promise<void> | undefined;
  let sessionsDueAtMs = 0;

  async function prune(): Promise<void> {
    try {
      await store.revocations.prune(stopped.signal);
      if (performance.now() < sessionsDueAtMs) return;
      await store.sessions.prune(stopped.signal);
      sessionsDueAtMs = performance.now() + sessionsIntervalMs;
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
