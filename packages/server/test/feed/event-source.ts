// A subscriber of the revocation feed that writes down what it is told, and when.
import { get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
  /** `performance.now()` */
  readonly atMs: number;
}

export interface EventSource {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly ReceivedEvent[];
  /** Resolves when what was received satisfies the condition. */
  until(condition: (events: readonly ReceivedEvent[]) => boolean): Promise<void>;
  /** Resolves with what is left of the stream when it ends: nothing, if the server ended it properly. */
  readonly ended: Promise<string>;
  close(): void;
}

/** On a connection of its own, so that closing it is what leaving looks like to the server. */
export async function openEventSource(
  url: string,
  lastEventId?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<EventSource> {
  const headers = {
    accept: "text/event-stream",
    ...(lastEventId && { "last-event-id": lastEventId }),
    ...more,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on("error", reject);
  });
  const events: ReceivedEvent[] = [];
  const watchers = new Set<() => void>();

  async function read(): Promise<string> {
    let rest = "";
    try {
      for await (const text of response.setEncoding("utf8")) {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        events.push(...blocks.map(parseEvent));
        for (const watch of watchers) watch();
      }
      return rest;
    } catch (error) {
      return String(error);
    }
  }

  return {
    status: response.statusCode,
    headers: response.headers,
    events,
    ended: read(),
    close: () => void response.destroy(),
    until: (condition) =>
      new Promise((resolve) => {
        function watch(): void {
          if (!condition(events)) return;
          watchers.delete(watch);
          resolve();
        }
        watchers.add(watch);
        watch();
      }),
  };
}

function parseEvent(block: string): ReceivedEvent {
  const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id"),
    data: JSON.parse(fields.get("data") ?? "null") as unknown,
    atMs: performance.now(),
  };
}
