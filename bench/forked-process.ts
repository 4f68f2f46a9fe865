/** A process of its own that does as `answering-process.ts` says: begins with an order, then answers questions. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ForkedProcess<Started> {
  readonly pid: number;
  readonly started: Started;
  /** One question at a time. */
  ask<Answer>(question: string, argument?: unknown): Promise<Answer>;
  /** CPU time since the process began. */
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** @throws TypeError if it ends before it has started */
export async function startForked<Started>(
  script: URL,
  order: unknown,
  nodeOptions: readonly string[] = [],
): Promise<ForkedProcess<Started>> {
  const path = fileURLToPath(script);
  const child = fork(path, {
    execArgv: ["--conditions=@countersign/source", ...nodeOptions],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const ask = <Answer>(question: string, argument?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new TypeError(`${path} ended with ${code}`));
      child.once("exit", onExit);
      child.once("message", (answer) => {
        child.off("exit", onExit);
        resolve(answer as Answer);
      });
      child.send({ question, argument });
    });
  return {
    pid: child.pid ?? 0,
    started: await ask<Started>("begin", order),
    ask,
    cpuMicroseconds: () => ask<number>("cpu"),
    async stop() {
      if (!child.connected) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    },
  };
}
