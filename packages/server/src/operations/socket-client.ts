// A command's way to the server that has the database open.
import { lstatSync, statSync } from "node:fs";
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { ConfigError } from "../errors.ts";
import { LineError, readLines, writeLines } from "./line-stream.ts";
import { type Exchange, type Operation, OperationRefused } from "./operation.ts";
import type { LastLine } from "./socket-server.ts";

/** What a command hands to an operation beside its input. */
export interface AskOptions<Item> {
  /** Told of each item; the next one waits until it is done. */
  readonly onItem?: ((item: Item) => void | Promise<void>) | undefined;
  readonly items?: AsyncIterable<unknown> | undefined;
}

const connectMs = 5000;

/**
 * A connection to whoever listens there; undefined where nobody does.
 *
 * @throws ConfigError if the socket is not that of the database's owner
 */
export async function connectToServer(path: string, databaseFile: string): Promise<Socket | undefined> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() !== true) return undefined;
  // What passes through it are passwords and keys: it must not be the ear of another user.
  const { uid } = statSync(databaseFile);
  if (found.uid !== uid)
    throw new ConfigError([
      `the socket ${path} belongs to another user (uid ${found.uid}) than the database beside it (uid ${uid}): ` +
        "find out who put it there, and remove it",
    ]);
  const socket = connect(path);
  const timer = setTimeout(() => socket.destroy(new TypeError("nobody takes the connection")), connectMs);
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOENT" || code === "EAGAIN") return undefined;
    if (code === "EACCES")
      throw new ConfigError([
        `the socket ${path} cannot be opened by this user: run the command as its owner`,
      ]);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Has the server run an operation. @throws OperationRefused, ConfigError */
export async function askServer<Input, Result, Item>(
  socket: Socket,
  operation: Operation<Input, Result, Item>,
  input: Input,
  { onItem, items }: AskOptions<Item> = {},
): Promise<Result> {
  const request = httpRequest({
    createConnection: () => socket,
    method: "POST",
    path: `/operations/${operation.name}`,
    headers: { host: "countersign", "content-type": "application/jsonl", connection: "close" },
  });
  const lines = writeLines(request);
  let sending: Promise<void> = Promise.resolve();
  try {
    await lines.write(input);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    if (response.statusCode !== 200)
      throw new OperationRefused(
        "the server at this socket is of another release and does not know this command: use its own countersign",
      );
    sending = sendAll(items);
    for await (const line of readLines(response)) {
      const { item } = line as { item?: Item };
      if (item === undefined) return resultOf(line as LastLine) as Result;
      await onItem?.(item);
    }
    throw new LineError("the last line is missing");
  } catch (error) {
    if (error instanceof OperationRefused || error instanceof ConfigError) throw error;
    if (!isLost(error)) throw error;
    throw new OperationRefused("the server went away before it was done: look at its log, then try again", {
      cause: error,
    });
  } finally {
    lines.end();
    request.destroy();
    socket.destroy();
    await sending;
  }

  async function sendAll(all: AsyncIterable<unknown> | undefined): Promise<void> {
    try {
      for await (const one of all ?? []) await lines.write(one);
      if (all !== undefined) lines.end();
    } catch (error) {
      // Where the connection is lost the reader says so; what could not be read here ends it.
      if (!(error instanceof LineError)) request.destroy(error as Error);
    }
  }
}

function isLost(error: unknown): boolean {
  return error instanceof LineError || (error instanceof Error && "code" in error);
}

function resultOf(last: LastLine): unknown {
  if ("usage" in last) throw new ConfigError([...last.usage]);
  if ("refused" in last) throw new OperationRefused(last.refused);
  return last.result;
}

/** An exchange without a socket, for an operation that the command runs itself. */
export function exchangeHere<Item>(
  { onItem, items = nothing() }: AskOptions<Item>,
  signal: AbortSignal,
): Exchange<Item> {
  return { send: async (item) => onItem?.(item), received: items, signal };
}

async function* nothing(): AsyncGenerator<never, void> {}
