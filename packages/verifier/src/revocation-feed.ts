// One connection to the issuer's revocation feed: the list, what came after a cursor, or a stream of what happens.
import { startDeadline } from "./deadline.ts";
import { EventStreamError, readEvents } from "./event-stream.ts";
import type { ServerEvent } from "./event-stream.ts";
import { fetchDocument, IssuerError, openIssuer, requireAnswer } from "./issuer-documents.ts";
import type { Fetch } from "./issuer-documents.ts";
import { chunksOf } from "./response-body.ts";
import type { Revocation } from "./revocation-list.ts";
import { parseCursor, parseDocument, parseHeartbeat, parseRevocation } from "./revocation-wire.ts";
import type { Cursor, RevocationDocument } from "./revocation-wire.ts";

/** The whole list: some 300,000 log-outs within the life of one access token. */
const listLimits = { maxBytes: 32 * 1024 * 1024, timeoutMs: 10_000 } as const;

/** How long the stream's headers may take. */
const openTimeoutMs = 3000;

/** Three heartbeats missed. */
const defaultSilenceTimeoutMs = 15_000;

const maxEventLength = 16 * 1024;

export interface FeedAddress {
  readonly url: string;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** The value of `Authorization`, for a follower that has a name. */
  readonly authorization?: string | undefined;
  /** Without a complete event for this long the connection counts as dead. */
  readonly silenceTimeoutMs?: number;
}

/** What the stream of a feed tells. */
export type StreamMessage =
  | { readonly type: "revocation"; readonly cursor: Cursor; readonly revocation: Revocation }
  /** The issuer's log ends here now; sent every few seconds. */
  | { readonly type: "heartbeat"; readonly cursor: Cursor }
  /** The issuer cannot continue after our cursor without a gap. */
  | { readonly type: "reset" };

export interface ListAnswer {
  /** undefined: nothing has come after the cursor that was asked about. */
  readonly document: RevocationDocument | undefined;
  /** How long a cache has kept it, in seconds. */
  readonly ageSeconds: number;
}

/** The whole list; or, after a cursor, what came since, or the whole list if that cannot be told. @throws IssuerError */
export async function fetchRevocations(address: FeedAddress, after?: string): Promise<ListAnswer> {
  const { content, ageSeconds } = await fetchDocument({
    ...address,
    ...listLimits,
    headers: credentialsOf(address),
    ...(after === undefined ? {} : { url: withSince(address.url, after), etag: `"${after}"` }),
  });
  return { document: content === undefined ? undefined : parseDocument(content), ageSeconds };
}

function withSince(url: string, cursor: string): string {
  const asked = new URL(url);
  asked.searchParams.set("since", cursor);
  return asked.href;
}

function credentialsOf({ authorization }: FeedAddress): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

/**
 * What happens after `cursor`, as it happens; returns if the issuer ends the stream.
 *
 * @throws IssuerError `timed_out` if the issuer falls silent, and the others
 */
export async function* followRevocations(
  address: FeedAddress,
  cursor: string,
): AsyncGenerator<StreamMessage, void, undefined> {
  const { url, fetch, signal, silenceTimeoutMs = defaultSilenceTimeoutMs } = address;
  const silence = startDeadline(openTimeoutMs, signal);
  try {
    const headers = { ...credentialsOf(address), accept: "text/event-stream", "last-event-id": cursor };
    const response = await openIssuer(fetch, url, headers, silence);
    requireAnswer(response, /^text\/event-stream(?:;|$)/i);
    silence.extend(silenceTimeoutMs);
    for await (const event of readEvents(chunksOf(response, silence), maxEventLength)) {
      silence.extend(silenceTimeoutMs);
      const message = parseMessage(event);
      if (message !== undefined) yield message;
    }
  } catch (error) {
    throw feedError(error, silence.isOver());
  } finally {
    silence.end();
  }
}

function feedError(error: unknown, silent: boolean): IssuerError {
  if (error instanceof IssuerError) return error;
  if (silent) return new IssuerError("timed_out", "the feed fell silent", { cause: error });
  if (error instanceof EventStreamError) {
    return new IssuerError("invalid_document", "the feed is not an event stream", { cause: error });
  }
  return new IssuerError("unreachable", "the feed broke off", { cause: error });
}

/** Events of a kind that we do not know are for newer verifiers. */
function parseMessage({ event, data, id }: ServerEvent): StreamMessage | undefined {
  switch (event) {
    case "revocation":
      return { type: "revocation", cursor: parseCursor(id), revocation: parseRevocation(data) };
    case "heartbeat":
      return { type: "heartbeat", cursor: parseHeartbeat(data) };
    case "reset":
      return { type: "reset" };
    default:
      return undefined;
  }
}
