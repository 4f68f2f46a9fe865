// Timers that never keep a process alive, in every runtime that has `setTimeout`.

/** Calls `run` once after `delayMs`; the result calls that off. */
export function startTimer(run: () => void, delayMs: number): () => void {
  // Node and Bun give an object; browsers, jsdom and workers give a number, and have no process to keep alive.
  const timer = setTimeout(run, delayMs) as NodeJS.Timeout | number;
  if (typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
}
