/** Requests as fast as they are answered, one at a time on each of some connections. */
import { Connection, statusOf } from "./connection.ts";
import { quantile } from "./spread.ts";

export interface LoadPlan {
  /** The instances of one API, on this machine; the connections are dealt out to them in turn. */
  readonly ports: readonly number[];
  /** Each as the text that goes over the wire; every instance is sent all of them, over and over. */
  readonly requests: readonly string[];
  readonly connections: number;
  /**
   * Whether the load never sleeps, at the price of a core. To wake a sleeper costs the server that answers it 2 µs and
   * more, and only a server faster than its load never has to: a guard would be charged for more than it does.
   */
  readonly staysAwake: boolean;
  /** The address of this machine that a connection comes from. */
  readonly sourceOf?: (connection: number) => string | undefined;
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

export class SteadyLoad {
  readonly #requests: readonly string[];
  readonly #staysAwake: boolean;
  readonly #instances: readonly { readonly port: number; next: number }[];
  readonly #connections: readonly Connection[];

  constructor({ ports, requests, connections, staysAwake, sourceOf }: LoadPlan) {
    this.#requests = requests;
    this.#staysAwake = staysAwake;
    // Instances begin at different places, so that they are not asked for the same at the same time.
    this.#instances = ports.map((port, index) => ({
      port,
      next: Math.floor((requests.length * index) / ports.length),
    }));
    this.#connections = Array.from(
      { length: connections },
      (_, connection) => new Connection(ports[connection % ports.length] ?? 0, sourceOf?.(connection)),
    );
  }

  /**
   * Resolves when the last request has its answer: what the servers did from the call on, they did for these.
   *
   * @throws TypeError if one is not answered with 200
   */
  async run(forMs: number): Promise<LoadResult> {
    const latencies: number[] = [];
    const started = performance.now();
    let isOver = false;
    const stayAwake = (): void => {
      if (!isOver) setImmediate(stayAwake);
    };
    if (this.#staysAwake) stayAwake();
    try {
      await Promise.all(
        this.#connections.map(async (connection, index) => {
          const instance = this.#instances[index % this.#instances.length];
          if (instance === undefined) return;
          for (let sent = started; sent - started < forMs;) {
            const request = this.#requests[instance.next++ % this.#requests.length] ?? "";
            const answer = await connection.ask(request);
            if (statusOf(answer) !== 200) throw new TypeError(answer.slice(0, answer.indexOf("\r\n")));
            const answered = performance.now();
            latencies.push(answered - sent);
            sent = answered;
          }
        }),
      );
    } finally {
      isOver = true;
    }
    const elapsedMs = performance.now() - started;
    const requestsPerSecond = (latencies.length / elapsedMs) * 1000;
    return { requests: latencies.length, requestsPerSecond, p99Ms: quantile(latencies, 0.99) };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
