// What a verifier tells whoever watches it, and how it survives whoever watches it.
import type { AccessErrorCode } from "./errors.ts";

/** Something that an operator may want to count or log. Never carries a token, a claim or a key. */
export type VerifierEvent =
  | { readonly type: "refused"; readonly code: AccessErrorCode; readonly reason: string | undefined }
  | { readonly type: "keys_fetched"; readonly count: number; readonly durationMs: number }
  | { readonly type: "keys_failed"; readonly reason: string }
  /** The whole list was fetched: at the start, or because events were missed. */
  | { readonly type: "revocations_fetched"; readonly cursor: string; readonly size: number }
  | { readonly type: "revocation_applied"; readonly cursor: string }
  /** The feed broke off; it is tried again after `retryInMs`. */
  | { readonly type: "revocations_interrupted"; readonly reason: string; readonly retryInMs: number };

export type Emit = (event: VerifierEvent) => void;

/** Calls the hook so that neither an exception nor a rejection of it can reach a request or end the process. */
export function createEmitter(hook: ((event: VerifierEvent) => unknown) | undefined): Emit {
  if (hook === undefined) return () => undefined;
  if (typeof hook !== "function") throw new TypeError("onEvent must be a function");
  return (event) => {
    try {
      const result = hook(event);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // The watcher's own trouble; a verdict never depends on it.
    }
  };
}
