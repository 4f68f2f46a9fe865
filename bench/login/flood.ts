/**
 * A flood of log-ins with wrong passwords, in a process of its own: so many a second, whether or not the server keeps up.
 * Whoever floods has many addresses and many connections, and opens another where the server closes one.
 */
import { answerQuestions } from "../answering-process.ts";
import { Connection, statusOf } from "../connection.ts";
import { sourceOf } from "./people.ts";

export interface FloodOrder {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
}

export interface FloodResult {
  readonly sentPerSecond: number;
  /** How many were answered 401: their passwords were compared. */
  readonly compared: number;
  /** From the last request to the last answer: how long the server works on what the flood has left behind. */
  readonly drainedMs: number;
}

const tickMs = 5;

answerQuestions<null>(async ({ port, requests, connections }: FloodOrder) => {
  let next = 0;

  async function flood({
    perSecond,
    forMs,
  }: {
    readonly perSecond: number;
    readonly forMs: number;
  }): Promise<FloodResult> {
    const idle = Array.from({ length: connections }, (_, client) => client);
    const open = idle.map((client) => new Connection(port, sourceOf(client)));
    const pending = new Set<Promise<void>>();
    let sent = 0;
    let compared = 0;

    async function ask(client: number): Promise<void> {
      const known = open[client];
      const connection = known?.isOpen ? known : new Connection(port, sourceOf(client));
      open[client] = connection;
      try {
        const answer = await connection.ask(requests[next++ % requests.length] ?? "");
        if (statusOf(answer) === 401) compared += 1;
      } catch {
        // The server hung up: that, too, is an answer to a flood.
      }
      idle.push(client);
    }

    const started = performance.now();
    for (let now = started; now - started < forMs; now = performance.now()) {
      const due = Math.floor(((now - started) / 1000) * perSecond) - sent;
      for (const client of idle.splice(0, due)) {
        sent += 1;
        const asked: Promise<void> = ask(client).finally(() => pending.delete(asked));
        pending.add(asked);
      }
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    const ended = performance.now();
    await Promise.all(pending);
    const drainedMs = performance.now() - ended;
    for (const connection of open) connection.close();
    return { sentPerSecond: (sent / (ended - started)) * 1000, compared, drainedMs };
  }

  return { started: null, answers: { flood } };
});
