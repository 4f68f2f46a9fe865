// JSON lines over a connection whose other end may fall silent, or send without end.
import type { Readable, Writable } from "node:stream";
import { once } from "node:events";

/** How often an end that has nothing to say says so, with an empty line. */
export const heartbeatMs = 5000;
/** How long nothing at all may come. */
export const silenceMs = 60_000;
const maxLineBytes = 256 * 1024;
const maxWaitingLines = 64;

/** The other end broke the rules, or is gone. */
export class LineError extends Error {
  override readonly name = "LineError";
}

export interface ReadLinesOptions {
  /** @default one minute */
  readonly silenceMs?: number | undefined;
  /** Told once nobody is there any more. */
  readonly onLost?: ((error: LineError) => void) | undefined;
}

/**
 * Each line as JSON. Reads on while nobody asks, up to some lines, so that an end that is gone is noticed; empty lines
 * only show that the other end is there. Ends where the stream ends on a whole line; else it throws LineError.
 */
export function readLines(stream: Readable, options: ReadLinesOptions = {}): AsyncGenerator<unknown, void> {
  const { silenceMs: limitMs = silenceMs, onLost } = options;
  const waiting: string[] = [];
  let failure: LineError | undefined;
  let hasEnded = false;
  let wakeReader = (): void => {};
  let wakeWriter = (): void => {};
  let isFull = false;
  let heardMs = performance.now();

  const fail = (message: string): void => {
    if (failure !== undefined || hasEnded) return;
    failure = new LineError(message);
    stream.destroy();
    onLost?.(failure);
    wakeReader();
    wakeWriter();
  };
  const watch = setInterval(
    () => {
      if (!isFull && performance.now() - heardMs > limitMs) fail("the other end has fallen silent");
    },
    Math.min(limitMs / 4, heartbeatMs),
  ).unref();
  stream.once("close", () => clearInterval(watch));

  async function pump(): Promise<void> {
    let rest: Buffer[] = [];
    let restBytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      heardMs = performance.now();
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
        start = end + 1;
        rest = [];
        restBytes = 0;
        if (line.length > maxLineBytes) return fail("a line is too long");
        if (line.length > 0) waiting.push(line.toString("utf8"));
      }
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > maxLineBytes) return fail("a line is too long");
      wakeReader();
      if (waiting.length >= maxWaitingLines) {
        isFull = true;
        // Until half of them are taken, or all is over.
        await new Promise<void>((resolve) => (wakeWriter = resolve));
        isFull = false;
        heardMs = performance.now();
      }
    }
    if (restBytes > 0) return fail("the last line is cut off");
    hasEnded = true;
    wakeReader();
  }
  void pump().catch(() => fail("the connection broke off"));

  return (async function* lines() {
    for (;;) {
      const line = waiting.shift();
      if (waiting.length < maxWaitingLines / 2) wakeWriter();
      if (line !== undefined) yield parse(line);
      else if (failure !== undefined) throw failure;
      else if (hasEnded) return;
      else await new Promise<void>((resolve) => (wakeReader = resolve));
    }
  })();
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new LineError("a line is no JSON");
  }
}

export interface LineWriter {
  /** Resolves when there is room for more. @throws LineError if the other end is gone */
  write(value: unknown): Promise<void>;
  /** Says no more; what was written is sent. */
  end(): void;
}

/** Says that it is there while it has nothing else to say. */
export function writeLines(stream: Writable): LineWriter {
  const beat = setInterval(() => {
    if (!stream.writableNeedDrain && stream.writable) stream.write("\n");
  }, heartbeatMs).unref();
  stream.once("close", () => clearInterval(beat));
  stream.on("error", () => undefined);

  return {
    async write(value) {
      if (!stream.writable) throw new LineError("the other end is gone");
      if (stream.write(`${JSON.stringify(value)}\n`)) return;
      const stop = new AbortController();
      const { signal } = stop;
      // An error is followed by the end of the stream, which the next line finds.
      await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]).catch(
        () => {},
      );
      stop.abort();
      if (!stream.writable) throw new LineError("the other end is gone");
    },
    end() {
      clearInterval(beat);
      if (stream.writable) stream.end();
    },
  };
}
