// The server's own ear for commands: HTTP on a Unix socket that this user alone can open, and nothing of the public app.
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Compile, type Validator } from "typebox/compile";
import { ConfigError, KernelError, ServiceError } from "../errors.ts";
import { LineError, readLines, silenceMs, writeLines } from "./line-stream.ts";
import { type AnyOperation, type Installation, OperationRefused } from "./operation.ts";

export interface CommandSocket {
  /** Takes no more commands, tells those under way to stop, and returns when they have. */
  close(): Promise<void>;
}

export interface CommandSocketOptions {
  readonly path: string;
  readonly installation: Installation;
  readonly operations: readonly AnyOperation[];
  /** Told of what no operation foresaw. */
  readonly onError: (error: unknown) => void;
}

/** How a command hears of the end of an operation. */
export type LastLine =
  | { readonly result: unknown }
  | { readonly refused: string }
  | { readonly usage: readonly string[] };

const maxConnections = 32;
/** For what is under way when the server stops; a batch that is being written ends in less. */
const patienceMs = 3000;

interface Entry {
  readonly operation: AnyOperation;
  readonly validator: Validator;
}

/**
 * Must be called while the lock of the database is held: then a socket that lies there is a dead one, and is removed.
 *
 * @throws a system error, or TypeError where something else has the name
 */
export async function listenForCommands(options: CommandSocketOptions): Promise<CommandSocket> {
  const { path, installation, operations, onError } = options;
  const entries = new Map<string, Entry>(
    operations.map((operation) => [operation.name, { operation, validator: Compile(operation.input) }]),
  );
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 0, keepAlive: false },
    (ask, reply) => {
      const work = answer(ask, reply).catch((error: unknown) => {
        onError(error);
        reply.destroy();
      });
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    },
  );
  server.maxConnections = maxConnections;
  // A connection that asks for nothing ends; one that does is never silent for so long.
  server.timeout = 2 * silenceMs;

  async function answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const name = /^\/operations\/([a-z-]+)$/.exec(request.url ?? "")?.[1] ?? "";
    const entry = request.method === "POST" ? entries.get(name) : undefined;
    reply.setHeader("content-type", "application/jsonl");
    if (entry === undefined) {
      reply.writeHead(404).end();
      return;
    }
    const gone = new AbortController();
    reply.once("close", () => gone.abort());
    const received = readLines(request, { onLost: () => gone.abort() });
    const lines = writeLines(reply);
    reply.flushHeaders();
    try {
      const last = await outcomeOf(entry, received, {
        signal: AbortSignal.any([gone.signal, stopping.signal]),
        send: (item) => lines.write({ item }),
      });
      await lines.write(last);
    } catch (error) {
      // Whoever is gone needs no answer.
      if (!(error instanceof LineError)) throw error;
    } finally {
      lines.end();
    }
  }

  async function outcomeOf(
    { operation, validator }: Entry,
    received: AsyncGenerator<unknown, void>,
    { signal, send }: { readonly signal: AbortSignal; readonly send: (item: unknown) => Promise<void> },
  ): Promise<LastLine> {
    const first = await received.next();
    if (first.done === true || !validator.Check(first.value))
      return { refused: "the server at this socket is of another release: use its own countersign" };
    try {
      return {
        result: (await operation.run(installation, first.value as never, { send, received, signal })) ?? null,
      };
    } catch (error) {
      if (stopping.signal.aborted) return { refused: "the server was stopped meanwhile" };
      if (error instanceof ConfigError) return { usage: error.problems };
      if (error instanceof LineError) throw error;
      return { refused: reasonOf(error) };
    }
  }

  function reasonOf(error: unknown): string {
    if (error instanceof OperationRefused || error instanceof KernelError) return error.message;
    if (error instanceof ServiceError) return error.detail ?? error.message;
    onError(error);
    return "the server failed, and says why in its log";
  }

  await listen();
  return {
    async close() {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
      clearTimeout(cut);
    },
  };

  async function listen(): Promise<void> {
    removeDeadSocket(path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject).once("listening", resolve);
    // The name is bound before `listen` returns, so nobody else ever finds it open.
    // oxlint-disable-next-line no-restricted-globals -- a socket takes its mode from the mask of the process alone
    const mask = process.umask(0o077);
    try {
      server.listen(path);
    } finally {
      // oxlint-disable-next-line no-restricted-globals -- see above
      process.umask(mask);
    }
    await promise;
    chmodSync(path, 0o600);
    server.off("error", reject).on("error", onError);
    // It keeps no process alive that has nothing else to do.
    server.unref();
  }
}

function removeDeadSocket(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new TypeError(`${path} is in the way: the socket for commands has this name. Move it away`);
  unlinkSync(path);
}
