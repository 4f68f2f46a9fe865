/** The inside of a load process: requests over plain sockets, one at a time on each connection. */
import { connect, type Socket } from "node:net";

export interface LoadPace {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly runMs: number;
  /**
   * Whether the load never sleeps, at the price of a core. To wake a sleeper costs the server that answers it 2 µs and
   * more, and only a server faster than its load never has to: a guard would be charged for more than it does.
   */
  readonly staysAwake: boolean;
}

export interface Load extends LoadPace {
  /** The instances of one API, on this machine; the connections are dealt out to them in turn. */
  readonly ports: readonly number[];
  /** Each as the text that goes over the wire; every instance is sent all of them, over and over. */
  readonly requests: readonly string[];
}

export type LoadMessage =
  | { readonly type: "begin" }
  | { readonly type: "end"; readonly requests: number; readonly elapsedMs: number; readonly p99Ms: number }
  | { readonly type: "failed"; readonly answer: string };

/** Waits for the parent's order, carries it out, reports, and ends with the parent. */
export function carryOut(prepare: (order: never) => Load): void {
  process.on("message", (order: unknown) => void run(prepare(order as never)));
  process.once("disconnect", () => process.exit(0));
}

async function run({ ports, requests, connections, warmUpMs, runMs, staysAwake }: Load): Promise<void> {
  // Instances begin at different places, so that they are not asked for the same at the same time.
  const instances = ports.map((port, index) => ({
    port,
    next: Math.floor((requests.length * index) / ports.length),
  }));
  const latencies: number[] = [];
  let counting = false;
  const running = { stopped: false };

  async function keepSending(_: unknown, connection: number): Promise<void> {
    const instance = instances[connection % instances.length];
    if (instance === undefined) return;
    const socket = connect(instance.port, "127.0.0.1");
    socket.setNoDelay(true);
    while (!running.stopped) {
      const sent = performance.now();
      socket.write(requests[instance.next++ % requests.length] ?? "", "latin1");
      await readAnswer(socket);
      if (counting) latencies.push(performance.now() - sent);
    }
    socket.destroy();
  }

  const stayAwake = (): void => {
    if (!running.stopped) setImmediate(stayAwake);
  };
  if (staysAwake) stayAwake();

  try {
    const failure = Promise.all(Array.from({ length: connections }, keepSending));
    await Promise.race([pause(warmUpMs), failure]);
    report({ type: "begin" });
    counting = true;
    const started = performance.now();
    await Promise.race([pause(runMs), failure]);
    const elapsedMs = performance.now() - started;
    counting = false;
    latencies.sort((a, b) => a - b);
    const p99Ms = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
    report({ type: "end", requests: latencies.length, elapsedMs, p99Ms });
    running.stopped = true;
    await failure;
  } catch (error) {
    report({ type: "failed", answer: error instanceof Error ? error.message : "no answer" });
  }
}

/** Resolves when one whole answer with status 200 has come. */
function readAnswer(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const headerEnd = text.indexOf("\r\n\r\n");
      if (headerEnd === -1) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < headerEnd + 4 + length) return;
      finish();
      if (text.startsWith("HTTP/1.1 200 ")) resolve();
      else reject(new TypeError(text.slice(0, text.indexOf("\r\n"))));
    };
    const onEnd = (): void => {
      finish();
      reject(new TypeError("the server closed the connection"));
    };
    const finish = (): void => {
      socket.off("data", onData).off("error", onEnd).off("close", onEnd);
    };
    socket.on("data", onData).once("error", onEnd).once("close", onEnd);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function report(message: LoadMessage): void {
  process.send?.(message);
}
