// An end to waiting, for runtimes that have `AbortController` and nothing newer.
import { startTimer } from "./background-timer.ts";

/** Ends what waits for it when time is up, or when a signal that it depends on is aborted. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly isOver: () => boolean;
  /** Starts the time anew. */
  readonly extend: (timeoutMs: number) => void;
  /** Ends the time; and whatever is still under way, if anything is. */
  readonly end: () => void;
  /** The same promise, which rejects as soon as the signal is aborted: not every `fetch` listens to it. */
  readonly race: <Value>(promise: Promise<Value>) => Promise<Value>;
}

export function startDeadline(timeoutMs: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  let over = false;
  const expire = (): void => {
    over = true;
    controller.abort();
  };
  let stop = startTimer(expire, timeoutMs);
  const abort = (): void => controller.abort();
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort);
  return {
    signal,
    isOver: () => over,
    extend(nextMs) {
      stop();
      stop = startTimer(expire, nextMs);
    },
    end() {
      stop();
      parent.removeEventListener("abort", abort);
      abort();
    },
    race: (promise) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => reject(new DOMException("given up", "AbortError"));
        if (signal.aborted) giveUp();
        signal.addEventListener("abort", giveUp);
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
      }),
  };
}
