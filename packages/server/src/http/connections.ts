// Every connection has an end: how long each may wait for what, and how many there are, of one source and in all.
import { compile } from "@fastify/proxy-addr";
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";
import { Socket } from "node:net";
import { sourceOf } from "./source.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The connections of an app that `createApp` made. */
    readonly connections?: Connections;
  }
}

export interface Connections {
  /** Takes a connection in, if it is not known yet; another one may have to give way. */
  admit(socket: Socket): void;
  /** A request on it has proved who sends it. */
  authenticated(socket: Socket): void;
  /** From here on it takes nobody's place and gives way to nobody. */
  exempt(socket: Socket): void;
  readonly size: number;
  /** Ends those whose other side takes nothing of what is written to it. */
  endStalled(): void;
}

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly writeTimeoutSeconds: number;
}

interface Connection {
  readonly socket: Socket;
  readonly source: string;
  /** Those of the same source; undefined where nobody counts. */
  mates: Set<Connection> | undefined;
  /** How far its writing had come at the last look, and when it last came further. */
  takenBytes: number;
  queuedBytes: number;
  takenAtMs: number;
}

const sweepIntervalMs = 1000;

/** For the connection of a follower that has said who it is: it counts neither for its address nor for the whole. */
export function exemptConnection({ server, raw }: FastifyRequest): void {
  server.connections?.exempt(raw.socket);
}

/** Bounds the connections of an app, beyond the waits that Node ends by itself. */
export function limitConnections(
  app: FastifyInstance,
  limits: ConnectionLimits,
  trustProxy: FastifyServerOptions["trustProxy"],
): void {
  const connections = createConnections(limits, trustTest(trustProxy));
  app.decorate("connections", connections);
  app.server.on("connection", (socket: Socket) => connections.admit(socket));
  app.addHook("onRequest", (request, _reply, done) => {
    // Listening on `localhost`, Fastify has a second server, whose connections are met here.
    const { socket } = request.raw;
    // Fastify's `inject` has no connection.
    if (socket instanceof Socket) connections.admit(socket);
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    if (request.identity !== undefined) connections.authenticated(request.raw.socket);
    done();
  });
  const timer = setInterval(() => connections.endStalled(), sweepIntervalMs).unref();
  app.addHook("onClose", async () => clearInterval(timer));
}

/** Whose connections carry many people's requests: Fastify's own reading of `trustProxy`. */
function trustTest(trustProxy: FastifyServerOptions["trustProxy"]): (address: string) => boolean {
  if (typeof trustProxy === "function") return (address) => trustProxy(address, 0);
  if (typeof trustProxy === "string") return trustTest(trustProxy.split(",").map((one) => one.trim()));
  if (!Array.isArray(trustProxy)) return () => trustProxy === true;
  const isTrusted = compile(trustProxy);
  return (address) => isTrusted(address, 0);
}

export function createConnections(
  { maxConnections, maxConnectionsPerAddress, writeTimeoutSeconds }: ConnectionLimits,
  isTrusted: (address: string) => boolean,
  nowMs: () => number = () => performance.now(),
): Connections {
  const writeTimeoutMs = writeTimeoutSeconds * 1000;
  const known = new Map<Socket, Connection>();
  // Both in the order of their last authenticated request, or of their beginning: the first gives way.
  const counted = new Set<Connection>();
  const bySource = new Map<string, Set<Connection>>();

  function leave(connection: Connection): void {
    const { mates, source } = connection;
    counted.delete(connection);
    mates?.delete(connection);
    if (mates?.size === 0) bySource.delete(source);
    connection.mates = undefined;
  }

  function count(connection: Connection): void {
    const { source } = connection;
    const mates = bySource.get(source) ?? new Set();
    bySource.set(source, mates);
    connection.mates = mates.add(connection);
    counted.add(connection);
    if (mates.size > maxConnectionsPerAddress) giveWay(mates);
    if (counted.size > maxConnections) giveWay(counted);
  }

  function giveWay(among: Set<Connection>): void {
    for (const { socket } of among) {
      forget(socket);
      socket.destroy();
      return;
    }
  }

  function forget(socket: Socket): void {
    const connection = known.get(socket);
    if (connection === undefined) return;
    leave(connection);
    known.delete(socket);
  }

  return {
    admit(socket) {
      if (known.has(socket) || socket.destroyed) return;
      const { remoteAddress = "" } = socket;
      const connection: Connection = {
        socket,
        source: sourceOf(remoteAddress),
        mates: undefined,
        takenBytes: 0,
        queuedBytes: 0,
        takenAtMs: nowMs(),
      };
      known.set(socket, connection);
      socket.once("close", () => forget(socket));
      if (!isTrusted(remoteAddress)) count(connection);
    },
    authenticated(socket) {
      const connection = known.get(socket);
      if (connection?.mates === undefined) return;
      const { mates } = connection;
      for (const among of [mates, counted]) {
        among.delete(connection);
        among.add(connection);
      }
    },
    exempt(socket) {
      const connection = known.get(socket);
      if (connection !== undefined) leave(connection);
    },
    get size() {
      return known.size;
    },
    endStalled() {
      const now = nowMs();
      for (const connection of known.values()) {
        const { socket } = connection;
        // Written against taken: who keeps writing to somebody who does not read makes no progress.
        const taken = socket.bytesWritten - socket.writableLength;
        const queued = queuedBytes(socket);
        const isTaking = taken > connection.takenBytes || queued < connection.queuedBytes;
        connection.takenBytes = taken;
        connection.queuedBytes = queued;
        if (isTaking || socket.writableLength === 0) connection.takenAtMs = now;
        else if (now - connection.takenAtMs > writeTimeoutMs) socket.destroy();
      }
    },
  };
}

/** What is left of the chunk that is under way: `writableLength` falls only when all of it has been taken. */
function queuedBytes(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: unknown } | null };
  return typeof handle?.writeQueueSize === "number" ? handle.writeQueueSize : 0;
}
