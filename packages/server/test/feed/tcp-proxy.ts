// A TCP proxy in front of a database that can be slow, or stop carrying anything, as a network does that swallows packets.
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

export interface TcpProxy {
  readonly port: number;
  /** Open connections stay open and new ones are accepted, but nothing comes through any more. */
  swallow(): void;
  /** What is sent to the database from now on arrives so much later. */
  delay(delayMs: number): void;
  /** Cuts all connections and carries new ones. */
  heal(): void;
  /** Cuts all connections; new ones lead there. */
  leadTo(target: Target): void;
  close(): Promise<void>;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

export async function startTcpProxy(first: Target): Promise<TcpProxy> {
  let target = first;
  const sockets = new Set<Socket>();
  let swallows = false;
  let delayMs = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  function cutAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  function late(): Transform {
    return new Transform({
      transform(chunk, _encoding, done) {
        if (delayMs === 0) done(null, chunk);
        else setTimeout(() => done(null, chunk), delayMs);
      },
    });
  }

  const server = createServer((socket) => {
    const client = keep(socket);
    if (swallows) return;
    const upstream = keep(connect(target));
    client.pipe(late()).pipe(upstream).pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has a port");

  return {
    port: address.port,
    swallow() {
      swallows = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    delay(ms) {
      delayMs = ms;
    },
    heal() {
      swallows = false;
      delayMs = 0;
      cutAll();
    },
    leadTo(next) {
      target = next;
      cutAll();
    },
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
