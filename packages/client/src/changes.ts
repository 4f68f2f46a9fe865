// What a client tells those who listen.

/**
 * - `login`: an account is logged in now, here or in another tab.
 * - `logout`: nobody is. `here`: this client was asked to; `elsewhere`: another tab was; `ended`:
 *   the server says that the session is over.
 * - `other_account`: another account has logged in in another tab; calls of this client fail from
 *   now on.
 * - `storage_failed`: the storage throws or keeps nothing, so the login ends with this page.
 */
export type Change =
  | { readonly type: "login"; readonly accountId: string }
  | { readonly type: "logout"; readonly reason: "here" | "elsewhere" | "ended" }
  | { readonly type: "other_account"; readonly accountId: string }
  | { readonly type: "storage_failed"; readonly cause: unknown };

export interface Changes {
  readonly emit: (change: Change) => void;
  readonly listen: (listener: (change: Change) => void) => () => void;
}

/** `begin` runs with the first listener, and what it returns when the last one has gone. */
export function createChanges(begin: () => () => void): Changes {
  const listeners = new Set<(change: Change) => void>();
  let end: (() => void) | undefined;
  return {
    emit(change) {
      // Later, so that no listener acts, or throws, in the middle of what the client does.
      for (const listener of listeners) queueMicrotask(() => listener(change));
    },
    listen(listener) {
      // Whoever listens twice hears twice.
      const own = (change: Change): void => listener(change);
      listeners.add(own);
      end ??= begin();
      return () => {
        listeners.delete(own);
        if (listeners.size > 0) return;
        end?.();
        end = undefined;
      };
    },
  };
}
