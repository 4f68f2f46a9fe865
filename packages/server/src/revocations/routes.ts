// GET /revocations: which tokens died early, as one JSON document or as server-sent events (WHATWG HTML §9.2).
import { Readable } from "node:stream";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { FeedMessage, RevocationFeed } from "./feed.ts";
import { isKnown } from "../http/cached-document.ts";

/** Three heartbeats: a subscriber that takes nothing for so long is gone, or too slow to be protected by the feed. */
const stallTimeoutMs = 15_000;

export interface RevocationRoutesOptions {
  readonly feed: RevocationFeed;
}

/** Nobody authenticates: a session's id is random and opens nothing, least of all one that has ended. */
export const revocationRoutes: FastifyPluginAsync<RevocationRoutesOptions> = async (app, { feed }) => {
  app.get("/revocations", async (request, reply) => {
    reply.header("vary", "accept");
    return acceptsEvents(request) ? sendEvents(feed, request, reply) : sendList(feed, request, reply);
  });
};

function acceptsEvents({ headers }: FastifyRequest): boolean {
  return /(?:^|[\s,])text\/event-stream(?:$|[\s,;])/i.test(headers.accept ?? "");
}

async function sendList(
  feed: RevocationFeed,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const list = await feed.snapshot();
  const etag = `"${list.cursor}"`;
  reply.headers({ etag, "cache-control": "no-cache" });
  if (isKnown(request, etag)) return reply.code(304).send();
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(list));
}

async function sendEvents(
  feed: RevocationFeed,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  // Also at the regular end, so that the place is always given free.
  reply.raw.once("close", () => gone.abort());
  const messages = await feed.subscribe(lastEventId(request), gone.signal);
  reply.raw.setTimeout(stallTimeoutMs, () => reply.raw.destroy());
  reply.headers({
    "cache-control": "no-store",
    "content-type": "text/event-stream; charset=utf-8",
    // Proxies that collect answers before passing them on are asked not to.
    "x-accel-buffering": "no",
  });
  return reply.send(Readable.from(eventsOf(messages, request), { objectMode: false }));
}

/** What is no number of ours can not be resumed after, like a number that the log never reached. */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const value = headers["last-event-id"];
  if (value === undefined || value === "") return undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : Number.MAX_SAFE_INTEGER;
}

async function* eventsOf(
  messages: AsyncIterable<readonly FeedMessage[]>,
  request: FastifyRequest,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const batch of messages) yield batch.map(eventOf).join("");
  } catch (error) {
    // The stream ends as it would when the server stops: the subscriber comes back and resumes.
    request.log.warn({ err: error }, "the revocation feed broke off");
  }
}

function eventOf(message: FeedMessage): string {
  switch (message.type) {
    case "revocation":
      return `id: ${message.seq}\nevent: revocation\ndata: ${JSON.stringify(message.revocation)}\n\n`;
    case "heartbeat":
      return `event: heartbeat\ndata: ${JSON.stringify({ cursor: String(message.cursor) })}\n\n`;
    case "reset":
      // With an id, so that a client that only reconnects goes on from here and does not ask for the past for ever.
      return `id: ${message.cursor}\nevent: reset\ndata: ${JSON.stringify({ cursor: String(message.cursor) })}\n\n`;
  }
}
