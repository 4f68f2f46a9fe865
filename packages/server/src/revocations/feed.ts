// The streams of the feed: each is told what happens, in order and without gaps, and every few seconds that there is no more.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Cursor, type CursorStyle, isSameCursor } from "./cursor.ts";
import { heartbeatEvent, resetEvent, revocationEvents } from "./events.ts";
import { FeedStream, type FeedStreamOptions, type WrittenTo } from "./feed-stream.ts";
import type { RevocationFollower } from "./follower.ts";
import type { Follower } from "./followers.ts";
import type { NumberedRevocation } from "./store.ts";

export interface OpenFeedStream {
  /** Where the follower is; undefined: at the end of the log. */
  readonly after: Cursor | undefined;
  readonly style: CursorStyle;
  readonly follower: Follower;
  /** Its head has been written. */
  readonly response: WrittenTo;
  /** What the response goes out on. */
  readonly socket: FeedStreamOptions["socket"];
}

/** One stream as an operator sees it. */
export interface FollowerState {
  readonly follower: Follower;
  readonly openMs: number;
  /** Up to here it has been told everything. */
  readonly cursor: Cursor;
  /** How many entries of the log come after that. */
  readonly behind: number;
  /** How long it has not been told everything. */
  readonly lagMs: number;
}

export interface RevocationFeed {
  /**
   * Tells what happens from here on, until the response closes. It ends when the server stops, or
   * the store cannot tell; the follower comes back and resumes.
   */
  readonly open: (request: OpenFeedStream) => void;
  /** How many follow at the moment. */
  readonly size: () => number;
  readonly followers: () => readonly FollowerState[];
}

interface ToldEvents {
  readonly after: Cursor;
  readonly end: Cursor;
  readonly style: CursorStyle;
  readonly events: Buffer;
}

export interface RevocationFeedOptions {
  readonly revocations: Pick<
    RevocationFollower,
    "cursor" | "recent" | "since" | "isComplete" | "isClosed" | "onChange"
  >;
  readonly heartbeatIntervalMs?: number | undefined;
  /** Milliseconds of any clock that never goes back. */
  readonly nowMs?: (() => number) | undefined;
  /** Told why a stream broke off. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** So many are told in one go; then others have their turn. */
const streamsPerTurn = 100;
/** How often it is looked who is to have a heartbeat, at most. */
const longestTickMs = 250;

export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { revocations, heartbeatIntervalMs = 5000 } = options;
  const { nowMs = () => performance.now(), onError = () => undefined } = options;
  const streams = new Set<FeedStream>();
  const tickMs = Math.min(longestTickMs, heartbeatIntervalMs / 4);
  let ticking: NodeJS.Timeout | undefined;
  let isTelling = false;
  let hasNews = false;
  /** Most followers are told the same as the one before. */
  let last: ToldEvents | undefined;

  function eventsOf(after: Cursor, entries: readonly NumberedRevocation[], style: CursorStyle): ToldEvents {
    const end = { epoch: after.epoch, number: entries.at(-1)?.seq ?? after.number };
    if (last?.style === style && isSameCursor(last.after, after) && isSameCursor(last.end, end)) return last;
    const events = Buffer.from(revocationEvents(after.epoch, entries, style));
    last = { after, end, style, events };
    return last;
  }

  function tell(stream: FeedStream): void {
    sendWhatFits(stream);
    const isBehind = !isSameCursor(stream.position, revocations.cursor());
    stream.behindSinceMs = isBehind ? (stream.behindSinceMs ?? nowMs()) : undefined;
  }

  /** All that is new to it, then the heartbeat that is due. */
  function sendWhatFits(stream: FeedStream): void {
    if (stream.isOver) return;
    if (revocations.isClosed()) return stream.finish();
    while (stream.hasRoom && !stream.isCatchingUp) {
      const entries = revocations.recent(stream.position);
      if (entries === undefined) return void catchUp(stream);
      if (entries.length === 0) return sendHeartbeat(stream);
      const { events, end } = eventsOf(stream.position, entries, stream.style);
      stream.send(events, end);
    }
  }

  async function catchUp(stream: FeedStream): Promise<void> {
    stream.isCatchingUp = true;
    try {
      const next = await revocations.since(stream.position);
      if (stream.isOver) return;
      const text =
        next.outcome === "reset"
          ? resetEvent(next.cursor, stream.style)
          : revocationEvents(next.cursor.epoch, next.entries, stream.style);
      if (text === "") stream.position = next.cursor;
      else stream.send(Buffer.from(text), next.cursor);
    } catch (error) {
      onError(error);
      return stream.finish();
    } finally {
      stream.isCatchingUp = false;
    }
    tell(stream);
  }

  /** It vouches for there being no more, so none is sent on an old view. */
  function sendHeartbeat(stream: FeedStream): void {
    const now = nowMs();
    if (now < stream.heartbeatDueAtMs || !revocations.isComplete()) return;
    stream.heartbeatDueAtMs = now + heartbeatIntervalMs;
    stream.send(Buffer.from(heartbeatEvent(stream.position, stream.style)), stream.position);
  }

  async function tellAll(): Promise<void> {
    hasNews = true;
    if (isTelling) return;
    isTelling = true;
    while (hasNews) {
      hasNews = false;
      let told = 0;
      for (const stream of streams) {
        tell(stream);
        told += 1;
        if (told % streamsPerTurn === 0) await nextTurn();
      }
    }
    isTelling = false;
  }

  function tick(): void {
    const now = nowMs();
    for (const stream of streams) {
      if (now - stream.watchedAtMs >= heartbeatIntervalMs) {
        stream.watchedAtMs = now;
        // Whoever has not taken a heartbeat is gone, or too slow to be protected by the feed.
        if (stream.hasStalled()) stream.destroy();
      }
      if (now >= stream.heartbeatDueAtMs) tell(stream);
    }
  }

  function leave(stream: FeedStream): void {
    streams.delete(stream);
    if (streams.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  }

  function stateOf({ follower, openedAtMs, position, behindSinceMs }: FeedStream): FollowerState {
    const end = revocations.cursor();
    const now = nowMs();
    return {
      follower,
      openMs: now - openedAtMs,
      cursor: position,
      // Of another log it has all to hear.
      behind: position.epoch === end.epoch ? Math.max(0, end.number - position.number) : end.number,
      lagMs: behindSinceMs === undefined ? 0 : now - behindSinceMs,
    };
  }

  revocations.onChange(() => void tellAll());

  return {
    open({ after, style, follower, response, socket }) {
      // Nobody would say again that it has closed.
      if (response.destroyed) return;
      const position = after ?? revocations.cursor();
      const stream = new FeedStream({ position, style, response, socket, follower, nowMs: nowMs() });
      streams.add(stream);
      response.once("close", () => leave(stream));
      response.on("drain", () => {
        stream.hasRoom = true;
        tell(stream);
      });
      ticking ??= setInterval(tick, tickMs).unref();
      tell(stream);
    },
    size: () => streams.size,
    followers: () => Array.from(streams, stateOf),
  };
}
