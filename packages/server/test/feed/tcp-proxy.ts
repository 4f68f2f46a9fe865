// A TCP proxy in front of a database that can stop carrying anything, as a network does that swallows packets.
import { connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** Open connections stay open and new ones are accepted, but nothing comes through any more. */
  swallow(): void;
  /** Cuts all connections and carries new ones. */
  heal(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let swallows = false;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  function cutAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((socket) => {
    const client = keep(socket);
    if (swallows) return;
    const upstream = keep(connect(target));
    client.pipe(upstream).pipe(client);
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
    heal() {
      swallows = false;
      cutAll();
    },
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
