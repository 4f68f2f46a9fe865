// At most so many requests a second.
import { setTimeout as delay } from "node:timers/promises";

/** A gate that lets one caller through per interval, in the order of their calls. */
export function createRequestRate(requestsPerSecond: number): () => Promise<void> {
  const intervalMs = 1000 / requestsPerSecond;
  let nextMs = 0;
  return async () => {
    const nowMs = performance.now();
    const turnMs = Math.max(nowMs, nextMs);
    nextMs = turnMs + intervalMs;
    if (turnMs > nowMs) await delay(turnMs - nowMs);
  };
}
