// Every worker of the server, and when it stops. What starts later stops earlier.
import type { FastifyInstance } from "fastify";

/** Something that goes on beside the requests, from the start of the server to its end. */
export interface Worker {
  /** For the log and for whoever reads the list. */
  readonly name: string;
  /**
   * `before-drain`: before the server waits for the requests under way, for a worker that holds streams open or whose work
   * can wait for the next start. `after-drain`: when no request can need it any more.
   */
  readonly stops: "before-drain" | "after-drain";
  /** Called once, in the order of the list. */
  readonly start?: (() => void) | undefined;
  /** Resolves when the worker touches nothing any more. */
  readonly stop: () => void | Promise<void>;
}

/** Starts a worker and stops it in its place when the app closes. */
export function runInBackground(app: FastifyInstance, { stops, start, stop }: Worker): void {
  // Fastify runs the hooks of one kind in the reverse order, so what was started last stops first.
  if (stops === "before-drain") app.addHook("preClose", async () => stop());
  else app.addHook("onClose", async () => stop());
  start?.();
}
