// The stream of one follower. As there may be thousands, it is no more than a place in the log, and
// what it sends is shared with the others; nothing is made for whoever has not taken what was sent.
import { Readable } from "node:stream";
import type { Cursor, CursorStyle } from "./cursor.ts";
import type { Follower } from "./followers.ts";

/** What of a socket says how much its other side has taken. */
export interface WrittenTo {
  readonly bytesWritten: number;
  readonly writableLength: number;
}

export interface FeedStreamOptions {
  readonly position: Cursor;
  readonly style: CursorStyle;
  readonly socket: WrittenTo;
  readonly follower: Follower;
  readonly nowMs: number;
  /** Called when there is room for more. */
  readonly onRoom: (stream: FeedStream) => void;
}

export class FeedStream extends Readable {
  /** Up to here it has been told everything. */
  position: Cursor;
  readonly style: CursorStyle;
  readonly follower: Follower;
  readonly openedAtMs: number;
  /** Since when there is something that it has not been told; undefined: it has been told everything. */
  behindSinceMs: number | undefined;
  /** When it is to hear that there is no more. */
  heartbeatDueAtMs: number;
  /** When it was last seen whether anything was taken. */
  watchedAtMs: number;
  /** Whether the store is being asked what comes next. */
  isCatchingUp = false;
  hasRoom = true;
  isOver = false;
  #takenBytes = -1;
  readonly #socket: WrittenTo;
  readonly #onRoom: (stream: FeedStream) => void;

  constructor({ position, style, socket, follower, nowMs, onRoom }: FeedStreamOptions) {
    // At most one piece waits here.
    super({ highWaterMark: 1 });
    this.position = position;
    this.style = style;
    this.follower = follower;
    this.openedAtMs = nowMs;
    this.heartbeatDueAtMs = nowMs;
    this.watchedAtMs = nowMs;
    this.#socket = socket;
    this.#onRoom = onRoom;
  }

  override _read(): void {
    this.hasRoom = !this.isOver;
    this.#onRoom(this);
  }

  /** Sends what leads up to `position`. */
  send(events: Buffer, position: Cursor): void {
    this.position = position;
    this.hasRoom = this.push(events);
  }

  /** Ends it as it ends when the server stops: the follower comes back and resumes. */
  finish(): void {
    this.isOver = true;
    this.hasRoom = false;
    this.push(null);
  }

  /** Whether something waits of which nothing was taken since this was last asked: bytes written against bytes taken. */
  hasStalled(): boolean {
    const { bytesWritten, writableLength } = this.#socket;
    const takenBytes = bytesWritten - writableLength;
    const isWaiting = writableLength > 0 || this.readableLength > 0;
    const hasTaken = takenBytes !== this.#takenBytes;
    this.#takenBytes = takenBytes;
    return isWaiting && !hasTaken;
  }
}
