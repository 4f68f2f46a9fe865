// Whoever sent a request, for the queue of hashes: where from, by which connection, and whether they are still there.
import type { FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import type { Requester } from "../passwords/turn.ts";
import { sourceOf } from "./source.ts";

/** Remembered with its connection: requests of one share a signal, and add no listener each. */
const hangUps = new WeakMap<Socket, AbortSignal>();

export function requesterOf({ ip, raw: { socket } }: FastifyRequest): Requester {
  return { source: sourceOf(ip), connection: socket, signal: hangUpOf(socket) };
}

/** Aborted when the connection closes. A request's own `close` comes as soon as its body was read. */
function hangUpOf(socket: Socket): AbortSignal {
  const known = hangUps.get(socket);
  if (known !== undefined) return known;
  const gone = new AbortController();
  if (socket.destroyed) gone.abort();
  else socket.once("close", () => gone.abort());
  hangUps.set(socket, gone.signal);
  return gone.signal;
}
