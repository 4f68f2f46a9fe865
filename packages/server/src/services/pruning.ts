// Forgets now and then what can not matter any more: expired revocations, and sessions that ended long ago.
import type { Store } from "../store/store.ts";

export interface PruningOptions {
  readonly store: Pick<Store, "revocations" | "sessions">;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number | undefined;
}

/** Begins to prune, every minute by default; instances may do so at the same time. Returns the way to stop. */
export function startPruning({ store, onError, intervalMs = 60_000 }: PruningOptions): () => Promise<void> {
  let pruning: Promise<void> | undefined;

  async function prune(): Promise<void> {
    try {
      await store.revocations.prune();
      await store.sessions.prune();
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
    await pruning;
  };
}
