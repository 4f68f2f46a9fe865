// A socket on which many requests are sent at once, without a wait for any answer.
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Pipelined {
  readonly socket: Socket;
  readonly receivedBytes: () => number;
  /** What came first, at most 4 KiB of it. */
  readonly head: () => string;
  readonly isClosed: () => boolean;
}

export interface PipelinedOptions {
  readonly count?: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the answers are read. */
  readonly reads?: boolean;
}

/** Ended with the test, however that ends. */
export function pipeline(url: string, options: PipelinedOptions = {}): Pipelined {
  const { count = 1, path = "/revocations", headers = {}, reads = true } = options;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  let receivedBytes = 0;
  let head = "";
  let isClosed = false;
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
  });
  if (reads) {
    socket.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (head.length < 4096) head += chunk.toString("latin1");
    });
  } else socket.pause();
  const lines = Object.entries({ host: "localhost", ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`.repeat(count));
  return { socket, receivedBytes: () => receivedBytes, head: () => head, isClosed: () => isClosed };
}
