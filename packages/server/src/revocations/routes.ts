// GET /revocations: which tokens died early, as one JSON document or as server-sent events (WHATWG HTML §9.2).
import type { RevocationSnapshot } from "@countersign/client";
import type { OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { ServiceError } from "../errors.ts";
import { isKnown } from "../http/cached-document.ts";
import { exemptConnection } from "../http/connections.ts";
import { type SchemaOf, schemaOf } from "../http/schema.ts";
import { sourceOf } from "../http/source.ts";
import { prefersEvents } from "./accept.ts";
import { type Cursor, cursorText, type CursorStyle, readCursor } from "./cursor.ts";
import type { FeedDocument, FeedDocuments } from "./documents.ts";
import type { RevocationFeed } from "./feed.ts";
import type { Follower, IdentifyFollower } from "./followers.ts";
import type { Places } from "./places.ts";

export interface RevocationRoutesOptions {
  readonly feed: RevocationFeed;
  readonly documents: FeedDocuments;
  readonly places: Places;
  readonly identify: IdentifyFollower;
}

const query = Type.Object({ since: Type.Optional(Type.String({ maxLength: 100 })) });

const snapshotReply: SchemaOf<RevocationSnapshot> = schemaOf<RevocationSnapshot>()(
  Type.Object({
    cursor: Type.String(),
    tokens_before: Type.Union([Type.Integer(), Type.Null()]),
    sessions: Type.Array(
      Type.Object({ sid: Type.String(), tokens_before: Type.Integer(), expires_at: Type.Integer() }),
    ),
    keys: Type.Array(Type.String()),
  }),
);

type FeedRequest = FastifyRequest<{ Querystring: { since?: string } }>;

/** A stream whose head is still to be written. */
interface Opening {
  readonly follower: Follower;
  readonly after: Cursor | undefined;
  readonly style: CursorStyle;
}

/** What goes through the hooks in place of a stream. */
const noBody = "";

/** No cursor of any log. */
const nowhere: Cursor = { epoch: "", number: 0 };

/**
 * What strangers see opens nothing: a session's id is random, and the tokens of those that are listed are dead.
 */
export const revocationRoutes: FastifyPluginAsync<RevocationRoutesOptions> = async (app, options) => {
  const { feed, documents, places, identify } = options;
  const streaming = new WeakSet<Socket>();
  const openings = new WeakMap<FastifyRequest, Opening>();

  app.get<{ Querystring: { since?: string } }>(
    "/revocations",
    {
      config: {
        operation: {
          id: "followRevocations",
          tag: "Verifiers",
          summary:
            "Say which tokens died early: as a document, or as server-sent events to whoever accepts `text/event-stream`",
          answers: {
            200: { description: "What is in force, or what came after `since`", schema: snapshotReply },
            304: { description: "Nothing has happened since the tag of `If-None-Match`" },
          },
          caller: "follower",
        },
      },
      schema: { querystring: query },
      // The last of these hooks: the head is complete.
      onSend(request, reply, payload, done) {
        const opening = openings.get(request);
        if (opening === undefined || payload !== noBody) return done(null, payload);
        openings.delete(request);
        openStream(opening, request, reply);
      },
    },
    // Not async: what Fastify keeps until such a handler's answer has ended, it would keep for each stream.
    (request, reply) => {
      answer(request, reply).catch((error: unknown) => reply.send(error));
    },
  );

  async function answer(request: FeedRequest, reply: FastifyReply): Promise<void> {
    reply.header("vary", "accept");
    const { socket } = request.raw;
    if (streaming.has(socket)) return endConnection(socket, reply);
    const follower = identifyOrChallenge(request, reply);
    if (prefersEvents(request.headers.accept)) return sendEvents(follower, request, reply);
    const known = readCursor(request.query.since ?? "", "");
    return sendDocument(known?.style === "epoch" ? known.cursor : undefined, request, reply);
  }

  function identifyOrChallenge(request: FastifyRequest, reply: FastifyReply): Follower {
    try {
      const follower = identify(request.headers.authorization, sourceOf(request.ip));
      if ("name" in follower) exemptConnection(request);
      return follower;
    } catch (error) {
      if (error instanceof ServiceError) reply.header("www-authenticate", 'Basic realm="revocations"');
      throw error;
    }
  }

  async function sendDocument(
    since: Cursor | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const style = isOlderFollower(request) ? "number" : "epoch";
    const end = tagOf(await documents.end(), style);
    reply.header(
      "cache-control",
      request.headers.authorization === undefined ? "no-cache" : "private, no-cache",
    );
    if (isKnown(request, end)) return void reply.code(304).header("etag", end).send();
    const { cursor, pieces, byteLength } = await documentFor(since, style);
    reply.headers({ etag: tagOf(cursor, style), "content-length": byteLength });
    reply.type("application/json; charset=utf-8");
    // In pieces, so that however many ask at once, what waits for them is the same piece of memory.
    reply.send(pieces.length === 1 ? pieces[0] : Readable.from(pieces, { objectMode: false }));
  }

  async function documentFor(since: Cursor | undefined, style: CursorStyle): Promise<FeedDocument> {
    const delta = since === undefined ? undefined : await documents.since(since);
    return delta ?? documents.list(style);
  }

  async function sendEvents(follower: Follower, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { socket } = request.raw;
    const leave = places.take(follower);
    // Also at the regular end, so that the place is always freed.
    reply.raw.once("close", leave);
    reply.header("connection", "close");
    streaming.add(socket);
    // One stream to a connection: whatever comes behind it would wait for ever, and fill the memory meanwhile.
    socket.on("data", () => socket.destroy());
    const present = (await documents.end()).epoch;
    openings.set(request, { follower, ...resumption(request, present) });
    reply.headers({
      "cache-control": "no-store",
      "content-type": "text/event-stream; charset=utf-8",
      // Proxies that collect answers before passing them on are asked not to.
      "x-accel-buffering": "no",
    });
    reply.send(noBody);
  }

  /**
   * The response is the feed's from here on: sent by Fastify as a stream of Node's, it would take twice the memory, and
   * there may be thousands.
   */
  function openStream(opening: Opening, request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack();
    const response = reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
    // By itself, which makes one string of the head; else its many parts would be kept as long as the response.
    response.flushHeaders();
    if (request.method === "HEAD") response.end();
    else feed.open({ ...opening, response, socket: request.raw.socket });
  }
};

function endConnection(socket: Socket, reply: FastifyReply): void {
  socket.destroy();
  reply.hijack();
}

/** Those of the release before cursors had an epoch name a media type that no newer one does. */
function isOlderFollower({ headers }: FastifyRequest): boolean {
  return /\bapplication\/jwk-set\+json\b/i.test(headers.accept ?? "");
}

function tagOf(cursor: Cursor, style: CursorStyle): string {
  return `"${cursorText(cursor, style)}"`;
}

/** Where the stream is to go on; an id that is none of ours leads to a reset. */
function resumption(
  { headers }: FastifyRequest,
  present: string,
): { readonly after: Cursor | undefined; readonly style: CursorStyle } {
  const id = headers["last-event-id"];
  if (id === undefined || id === "") return { after: undefined, style: "epoch" };
  const { cursor, style } = readCursor(String(id), present) ?? { cursor: nowhere, style: "epoch" as const };
  return { after: cursor, style };
}
