// Whoever sent a request, for the queue of hashes: where from, by which connection, and whether they are still there.
import type { FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import { sourceOf } from "./source.ts";

/** Whoever sent a request. What is unknown, as where a program asks, limits nothing. */
export interface Requester {
  /** The address, or the block of addresses, that it came from. */
  readonly source?: string | undefined;
  /** The connection that it came by. */
  readonly connection?: object | undefined;
  /** Aborted when they hang up. */
  readonly signal?: AbortSignal | undefined;
  /** Until when (`performance.now()`) they wait for a hash at most. */
  readonly untilMs?: number | undefined;
}

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
