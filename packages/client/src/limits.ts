// Every wait has an end: its own, or the caller's.
import { NetworkError } from "./errors.ts";

/** Ends `work` after `ms`, also where it does not listen to the signal. @throws NetworkError */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(
    () => controller.abort(new NetworkError(undefined, `No answer within ${ms / 1000} seconds.`)),
    ms,
  );
  return unlessAborted(signal, () => work(signal)).finally(() => clearTimeout(timer));
}

/**
 * Stops waiting at once when the signal says so, and throws its reason; what is waited for goes on.
 */
export async function unlessAborted<T>(
  signal: AbortSignal | null | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!signal) return work();
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop);
  });
  return Promise.race([work(), aborted]).finally(() => signal.removeEventListener("abort", stop));
}
