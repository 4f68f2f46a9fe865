// From the signal to the end of the process: streams are told, what is under way ends, and nothing lasts longer than the limit.
import type { FastifyInstance } from "fastify";
import type { Server } from "node:http";
import type { Draining } from "./http/draining.ts";

/** What ends: a Fastify app with the plugin, or whatever has a server and closes. */
export interface StoppableApp {
  readonly server: Pick<Server, "closeAllConnections" | "closeIdleConnections">;
  /** Closes the port, waits for the requests under way, and gives everything back. */
  readonly close: () => PromiseLike<unknown>;
  readonly draining?: Pick<Draining, "begin" | "delayMs" | "timeoutMs"> | undefined;
}

/** As much of `process` as it takes. */
export interface StoppableProcess {
  once(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  off(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  exit(code: number): void;
}

const defaultTimeoutMs = 10_000;
/** Kept of the limit for giving things back, once the last connections were cut. */
const cleanUpMs = 1000;
const idleCheckMs = 100;

/**
 * Ends the process on SIGTERM or SIGINT: `/health/ready` says no for `drainDelaySeconds`, then the port closes, and what
 * is under way has `drainTimeoutSeconds`, whatever is open. A second signal ends it at once.
 */
export function stopOnSignals(app: FastifyInstance | StoppableApp, process: StoppableProcess): void {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const stop = (): void => {
    // The next one does what signals do where nobody listens.
    for (const signal of signals) process.off(signal, stop);
    void stopGracefully(app).then((isWhole) => process.exit(isWhole ? 0 : 1));
  };
  for (const signal of signals) process.once(signal, stop);
}

/** Resolves within the limit: with true where all was given back, with false where something had to be left. */
export async function stopGracefully(app: FastifyInstance | StoppableApp): Promise<boolean> {
  const { server, draining } = app;
  draining?.begin();
  if (draining !== undefined && draining.delayMs > 0) await pause(draining.delayMs);

  const timeoutMs = draining?.timeoutMs ?? defaultTimeoutMs;
  // A connection that was answered would otherwise be kept open for a next request.
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const cut = setTimeout(() => server.closeAllConnections(), Math.max(timeoutMs - cleanUpMs, timeoutMs / 2));
  const late = Promise.withResolvers<boolean>();
  const limit = setTimeout(() => late.resolve(false), timeoutMs);
  try {
    const closed = Promise.resolve(app.close()).then(
      () => true,
      () => false,
    );
    return await Promise.race([closed, late.promise]);
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
    clearTimeout(limit);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
