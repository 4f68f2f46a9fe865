/** Reads meters before and after a load, which comes from a process of its own. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadMessage } from "./steady-load.ts";

export interface UnderLoad<Reading> {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly before: Reading;
  readonly after: Reading;
}

/** @throws TypeError with that name if any request fails */
export function measureUnderLoad<Reading>(
  name: string,
  script: URL,
  order: object,
  read: () => Promise<Reading>,
): Promise<UnderLoad<Reading>> {
  const load = fork(fileURLToPath(script), { execArgv: ["--conditions=@countersign/source"] });
  return new Promise<UnderLoad<Reading>>((resolve, reject) => {
    let reading: Promise<Reading> | undefined;
    load.on("message", (message: LoadMessage) => {
      if (message.type === "begin") reading = read();
      else if (message.type === "failed") reject(new TypeError(`${name}: ${message.answer}`));
      else {
        const { requests, elapsedMs, p99Ms } = message;
        const requestsPerSecond = (requests / elapsedMs) * 1000;
        reading ??= read();
        Promise.all([reading, reading.then(read)]).then(
          ([before, after]) => resolve({ requests, requestsPerSecond, p99Ms, before, after }),
          reject,
        );
      }
    });
    load.once("exit", () => reject(new TypeError(`${name}: the load ended early`)));
    load.send(order);
  }).finally(() => {
    load.removeAllListeners("exit");
    load.disconnect();
  });
}
