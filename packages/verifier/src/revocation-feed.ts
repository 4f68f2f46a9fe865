// One connection to the issuer's revocation feed: the whole list, or a stream of what happens after a cursor.
import { EventStreamError, readEvents } from "./event-stream.ts";
import type { ServerEvent } from "./event-stream.ts";
import { fetchDocument, IssuerError, openIssuer, requireAnswer } from "./issuer-documents.ts";
import type { Fetch } from "./issuer-documents.ts";
import type { Revocation, RevocationSnapshot } from "./revocation-list.ts";
import { parseCursor, parseRevocation, parseSequence, parseSnapshot } from "./revocation-wire.ts";

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
  /** Without a complete event for this long the connection counts as dead. */
  readonly silenceTimeoutMs?: number;
}

export type FeedMessage =
  | { readonly type: "revocation"; readonly sequence: number; readonly revocation: Revocation }
  /** Everything up to `sequence` has happened; sent every few seconds. */
  | { readonly type: "heartbeat"; readonly sequence: number }
  /** The issuer cannot continue after our cursor without a gap. */
  | { readonly type: "reset" };

/** @throws IssuerError */
export async function fetchRevocations(address: FeedAddress): Promise<RevocationSnapshot> {
  const { content } = await fetchDocument({ ...address, ...listLimits });
  return parseSnapshot(content);
}

/**
 * What happens after `cursor`, as it happens; returns if the issuer ends the stream.
 *
 * @throws IssuerError `timed_out` if the issuer falls silent, and the others
 */
export async function* followRevocations(
  { url, fetch, signal, silenceTimeoutMs = defaultSilenceTimeoutMs }: FeedAddress,
  cursor: string,
): AsyncGenerator<FeedMessage, void, undefined> {
  const silence = new AbortController();
  let watchdog = setTimeout(() => silence.abort(), openTimeoutMs);
  try {
    const headers = { accept: "text/event-stream", "last-event-id": cursor };
    const response = await openIssuer(fetch, url, headers, AbortSignal.any([signal, silence.signal]));
    requireAnswer(response, /^text\/event-stream(?:;|$)/i);
    if (response.body === null) return;
    clearTimeout(watchdog);
    watchdog = setTimeout(() => silence.abort(), silenceTimeoutMs);
    for await (const event of readEvents(response.body, maxEventLength)) {
      watchdog.refresh();
      const message = parseMessage(event);
      if (message !== undefined) yield message;
    }
  } catch (error) {
    throw feedError(error, silence.signal.aborted);
  } finally {
    clearTimeout(watchdog);
    silence.abort();
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
function parseMessage({ event, data, id }: ServerEvent): FeedMessage | undefined {
  switch (event) {
    case "revocation":
      return { type: "revocation", sequence: parseSequence(id), revocation: parseRevocation(data) };
    case "heartbeat":
      return { type: "heartbeat", sequence: parseCursor(data) };
    case "reset":
      return { type: "reset" };
    default:
      return undefined;
  }
}
