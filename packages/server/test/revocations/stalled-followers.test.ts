// A follower that takes nothing of what is sent.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { FeedStream } from "../../src/revocations/feed-stream.ts";
import { createRevocationFeed } from "../../src/revocations/feed.ts";

const position = { epoch: "here", number: 0 };

/** A log without entries, whose clock the test sets. */
function quietLog(): Parameters<typeof createRevocationFeed>[0]["revocations"] {
  return {
    cursor: () => position,
    recent: () => [],
    since: async () => ({ outcome: "entries", entries: [], cursor: position }),
    isComplete: () => true,
    isClosed: () => false,
    onChange: () => () => undefined,
  };
}

/** The two ends of a connection whose other side reads nothing. */
async function deafConnection(): Promise<Socket> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection");
  const client = connect({ host: "127.0.0.1", port });
  client.pause();
  const [socket] = (await accepted) as [Socket];
  socket.on("error", () => undefined);
  onTestFinished(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return socket;
}

const follower = { address: "192.0.2.1" } as const;

test("one that has not taken a heartbeat is ended, and its place is free", async () => {
  const socket = await deafConnection();
  const feed = createRevocationFeed({ revocations: quietLog(), heartbeatIntervalMs: 20 });
  feed.open({ after: undefined, style: "epoch", response: socket, socket, follower });
  expect(feed.size()).toBe(1);
  // More than the kernel takes for the other side.
  socket.write(Buffer.alloc(64 * 1024 * 1024));
  await once(socket, "close");
  expect(feed.size()).toBe(0);
});

test("one that has left before its stream begins is not counted", async () => {
  const socket = await deafConnection();
  socket.destroy();
  await once(socket, "close");
  const feed = createRevocationFeed({ revocations: quietLog() });
  feed.open({ after: undefined, style: "epoch", response: socket, socket, follower });
  expect(feed.size()).toBe(0);
});

test("one that takes a little each time is not", () => {
  const socket = { bytesWritten: 1000, writableLength: 1000 };
  const nothing = (): void => undefined;
  const stream = new FeedStream({
    position,
    style: "epoch",
    follower,
    response: {
      get writableLength() {
        return socket.writableLength;
      },
      destroyed: false,
      write: () => true,
      end: nothing,
      destroy: nothing,
      on: nothing,
      once: nothing,
    },
    socket,
    nowMs: 0,
  });
  expect(stream.hasStalled()).toBe(false);
  Object.assign(socket, { bytesWritten: 2000, writableLength: 1999 });
  expect(stream.hasStalled()).toBe(false);
  Object.assign(socket, { bytesWritten: 3000, writableLength: 2999 });
  expect(stream.hasStalled()).toBe(true);
  Object.assign(socket, { bytesWritten: 3000, writableLength: 0 });
  expect(stream.hasStalled()).toBe(false);
  expect(stream.hasStalled()).toBe(false);
});

test("how far a follower is behind, and for how long, shows until it has taken what there is", async () => {
  let [number, nowMs] = [0, 1000];
  const tellOf: (() => void)[] = [];
  const entry = { kind: "key", kid: "one" } as const;
  const feed = createRevocationFeed({
    revocations: {
      ...quietLog(),
      cursor: () => ({ epoch: position.epoch, number }),
      recent: (after) =>
        Array.from({ length: number - after.number }, (_, index) => ({
          seq: after.number + index + 1,
          entry,
        })),
      onChange(listener) {
        tellOf.push(listener);
        return () => undefined;
      },
    },
    nowMs: () => nowMs,
  });
  const response = new PassThrough({ highWaterMark: 1 });
  feed.open({
    after: { epoch: position.epoch, number: 0 },
    style: "epoch",
    response,
    socket: { bytesWritten: 0 },
    follower,
  });
  onTestFinished(() => void response.destroy());
  expect(feed.followers()).toMatchObject([{ follower, behind: 0, lagMs: 0 }]);
  // The first heartbeat waits for somebody to take it.
  number = 3;
  for (const tell of tellOf) tell();
  nowMs = 4500;
  expect(feed.followers()).toMatchObject([{ openMs: 3500, behind: 3, lagMs: 3500 }]);
  response.resume();
  await expect.poll(() => feed.followers()).toMatchObject([{ cursor: { number: 3 }, behind: 0, lagMs: 0 }]);
});
