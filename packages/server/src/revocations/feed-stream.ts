// The stream of one follower. As there may be thousands, it is no more than a place in the log and the
// response that it goes out on: what it sends is shared with the others, nothing is made for whoever
// has not taken what was sent, and there is no stream of Node's between the two.
import type { Cursor, CursorStyle } from "./cursor.ts";
import type { Follower } from "./followers.ts";

/** What events are written to; Node's response is one. */
export interface WrittenTo {
  readonly destroyed: boolean;
  readonly writableLength: number;
  /** Whether there is room for more; where there is none, `drain` says when there is again. */
  write(events: Buffer): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: "drain", listener: () => void): unknown;
  once(event: "close", listener: () => void): unknown;
}

export interface FeedStreamOptions {
  readonly position: Cursor;
  readonly style: CursorStyle;
  readonly response: WrittenTo;
  /** What the response goes out on. */
  readonly socket: { readonly bytesWritten: number };
  readonly follower: Follower;
  readonly nowMs: number;
}

export class FeedStream {
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
  #isOver = false;
  #takenBytes = -1;
  readonly #response: WrittenTo;
  readonly #socket: { readonly bytesWritten: number };

  constructor({ position, style, response, socket, follower, nowMs }: FeedStreamOptions) {
    this.position = position;
    this.style = style;
    this.follower = follower;
    this.openedAtMs = nowMs;
    this.heartbeatDueAtMs = nowMs;
    this.watchedAtMs = nowMs;
    this.#response = response;
    this.#socket = socket;
  }

  /** Whether nothing more can be sent. */
  get isOver(): boolean {
    return this.#isOver || this.#response.destroyed;
  }

  /** Sends what leads up to `position`. */
  send(events: Buffer, position: Cursor): void {
    this.position = position;
    this.hasRoom = this.#response.write(events);
  }

  /** Ends it as it ends when the server stops: the follower comes back and resumes. */
  finish(): void {
    if (this.isOver) return;
    this.#isOver = true;
    this.#response.end();
  }

  /** Breaks it off. */
  destroy(): void {
    this.#response.destroy();
  }

  /** Whether something waits of which nothing was taken since this was last asked: bytes written against bytes taken. */
  hasStalled(): boolean {
    const { writableLength } = this.#response;
    const takenBytes = this.#socket.bytesWritten - writableLength;
    const hasTaken = takenBytes !== this.#takenBytes;
    this.#takenBytes = takenBytes;
    return writableLength > 0 && !hasTaken;
  }
}
